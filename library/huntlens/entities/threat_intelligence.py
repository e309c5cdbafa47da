"""Threat intelligence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["ThreatIntelligence"]


@dataclass(frozen=True, repr=False)
class ThreatIntelligence(Entity):
    """What a provider says of an indicator."""

    IDENTITY: ClassVar = (("ProviderName", "ThreatName", "ReportLink"),)
    ALIASES: ClassVar = ("Threatintelligence",)

    ProviderName: str = attribute("Who says so")
    ThreatType: str = attribute("Kind of threat")
    ThreatName: str = attribute("Name of the threat")
    Confidence: str = attribute("How sure the provider is")
    ReportLink: str = attribute("Where to read more")
    ThreatDescription: str = attribute("What it is")
