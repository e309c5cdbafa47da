"""Values that logs may hold and that must not do anything: mark-up, quotes, direction marks, controls, sheer length."""

from __future__ import annotations

import pandas as pd

MARK = "window.__huntlens_ran"

VALUES = [
    f"</script><script>{MARK}=1</script>",
    f'"><img src=x onerror="{MARK}=1">',
    f"'-{MARK}=1-'",
    f"<!--<script>{MARK}=1//",
    f"</textarea></title></style><svg onload={MARK}=1>",
    f"javascript:{MARK}=1",
    f"${{{MARK}=1}} {{{{constructor.constructor('{MARK}=1')()}}}}",
    f"@{{x}}{{safe}} <b onmouseover={MARK}=1>",
    "invoice\u202efdp.exe",
    "zero\u200bwidth\ufeff",
    "\x00\x07\x1b[31mred\x1b[0m\x9b",
    "half \ud800 pair \udfff",
    "line\nbreak\r\nand\u2028separator",
    "=cmd|' /C calc'!A1",
    "A" * 1_000_000,
    "&lt;not&amp;twice&gt;",
    "🔎 日本語 עברית",
    "",
]
HIDDEN = ["\u202e", "\u200b", "\ufeff", "\x00", "\x07", "\x1b", "\x9b", "\ud800", "\udfff", "\u2028"]


def frame() -> pd.DataFrame:
    """A row for each hostile value, in values of all kinds and in the names of the columns."""
    count = len(VALUES)
    values = pd.Series(VALUES, dtype=object)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.date_range("2026-03-01", periods=count, freq="h"),
            "Text": values,
            f"<img src=x onerror={MARK}=1>": values,
            "Bag": pd.Series([{value[:200]: [value[:200], {"deep": value[:200]}]} for value in VALUES], dtype=object),
            "Count": range(count),
            "Ratio": [value / 3 for value in range(count)],
        }
    )
