"""Editor services over the catalogue, the entities and KQL, in no protocol's words; server and kernel share them."""
