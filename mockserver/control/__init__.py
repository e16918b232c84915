"""The control API: what lies below `/_mock`. Its app is loaded with its first call, as it would lengthen the start."""
