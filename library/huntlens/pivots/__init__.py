"""From an entity to what queries and functions know of it.

Importing this package registers `df.hunt`, the accessor of frames.
"""

from huntlens.pivots.accessor import Hunt
from huntlens.pivots.namespace import Namespace, PivotCall, entities, named
from huntlens.pivots.run import run
from huntlens.pivots.session import Session, current, use

__all__ = ["Hunt", "Namespace", "PivotCall", "Session", "current", "entities", "named", "run", "use"]
