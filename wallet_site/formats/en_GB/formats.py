"""How the staff's pages write a moment: an auditor needs the seconds, and no guess about a.m. and p.m."""

DATETIME_FORMAT = "j M Y, H:i:s T"
TIME_FORMAT = "H:i:s"
