"""Magics: one file each, named as the magic; its public function takes the session, the read line and the cell."""
