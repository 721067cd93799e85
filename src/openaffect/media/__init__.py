"""Bytes to arrays and spans: sound, pictures, subtitles, all on one clock in seconds.

The clock of a recording starts at the earlier of the starts of its sound and its pictures, as the container states
them (edit lists and encoder delay applied).  Whatever a file holds, the functions here either return what could be
read or raise `MediaError` or `TranscriptError` with one sentence that says what to do.
"""
