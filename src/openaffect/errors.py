"""The errors that openaffect raises on purpose.

::

    OpenAffectError              anything we can explain in one sentence
    ├── UsageError               the call or the command line is wrong            exit code 2
    ├── InputError               a file or a record cannot be used                exit code 1
    │   ├── MediaError           video, audio or image that cannot be decoded
    │   └── TranscriptError      a transcript that cannot be read
    ├── OutputError              a result cannot be written                       exit code 1
    ├── MissingPart              an optional package or model is not installed    exit code 2
    └── RemoteError              a server that a model answers from               exit code 1
        └── OfflineError         a remote call while the network is forbidden     exit code 2

Every message says what was wrong, what came, and what to do.  Anything that is not in this tree is a bug
and keeps its traceback.
"""

from __future__ import annotations


class OpenAffectError(Exception):
    """Root of the tree; ``str(error)`` is one sentence for a person.

    ``exit_code`` is what the command line returns when the error ends the run.
    """

    exit_code = 1


class UsageError(OpenAffectError):
    """The call or the command line is wrong."""

    exit_code = 2


class InputError(OpenAffectError):
    """A file or a record from outside cannot be used."""


class MediaError(InputError):
    """Video, audio or a still image that cannot be decoded."""


class TranscriptError(InputError):
    """A transcript that cannot be read."""


class OutputError(OpenAffectError):
    """A result cannot be written (unwritable folder, full disk)."""


class MissingPart(OpenAffectError):
    """An optional package or model is not installed; the message names the command that installs it."""

    exit_code = 2


class RemoteError(OpenAffectError):
    """A server did not give a usable answer."""


class OfflineError(RemoteError):
    """A remote call was asked for while ``--offline`` forbids the network."""

    exit_code = 2
