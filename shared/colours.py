"""The colours that clients paint a title with until its own are known."""

#: Shown for a title whose poster is missing or can't be read. Never stored: what isn't known yet must stay unknown.
DEFAULT_PALETTE: tuple[str, ...] = ("#1F2933", "#3E4C59", "#7B8794", "#CBD2D9")
