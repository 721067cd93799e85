"""The errors that openaffect raises on purpose.

::

    OpenAffectError              anything we can explain in one sentence
    ├── UsageError               the call or the command line is wrong            exit code 2
    │   └── AlphaOutOfRange          (also ValueError) a weight of two scores outside 0–1
    ├── InputError               a file or a record cannot be used                exit code 1
    │   ├── MediaError           video, audio or image that cannot be decoded
    │   ├── TranscriptError      a transcript that cannot be read
    │   └── DataError            labels, predictions or tables that cannot be used    exit code 3
    │       ├── AbsentData           nothing was found where labels or predictions were looked for
    │       ├── UnreadableLabels     (also IndexError) a label string that the official parser fails on
    │       ├── MissingPrediction    (also KeyError) a labelled sample without a prediction
    │       ├── NothingToScore       (also IndexError) no sample is left to count
    │       ├── UndefinedScore       (also ZeroDivisionError) a sample on which the score does not exist
    │       ├── MissingField         (also KeyError) a record without a key that the score reads
    │       ├── WrongKind            (also TypeError) a record or label of a kind that cannot be grouped or sorted
    │       ├── BrokenRating         (also ValueError) a rating such as ``8..5``
    │       ├── HugeRating           (also OverflowError) a rating too large for a number
    │       └── NoRating             (also AttributeError) a judge's reply without a number
    ├── OutputError              a result cannot be written                       exit code 1
    ├── MissingPart              an optional package or model is not installed    exit code 2
    └── RemoteError              a server that a model answers from               exit code 1
        ├── PassingFault             a fault that may pass: the same call is worth another try
        │   ├── RateLimited          the server asks for fewer calls (HTTP 429)
        │   └── ServerFault          5xx, a dropped connection, half a reply, a broken reply, no reply in time
        ├── KeyRejected              the key is wrong or used up: no call can succeed, so the run ends
        ├── BudgetSpent              a call that was not made, because the money for the run is spent
        └── OfflineError         a remote call while the network is forbidden     exit code 2

Every message says what was wrong, what came, and what to do.  Anything that is not in this tree is a bug
and keeps its traceback.  Where the official scorers of the field raise, ours raise an error that is also a
subclass of the exception that they raise, so that code written against them goes on working.
"""

from __future__ import annotations


class OpenAffectError(Exception):
    """Root of the tree; ``str(error)`` is one sentence for a person.

    ``exit_code`` is what the command line returns when the error ends the run.
    """

    exit_code = 1

    def __str__(self) -> str:
        # KeyError, which some errors below also are, would show its message in quotes.
        return str(self.args[0]) if self.args else ""


class UsageError(OpenAffectError):
    """The call or the command line is wrong."""

    exit_code = 2


class AlphaOutOfRange(UsageError, ValueError):
    """The weight of two scores in their sum lies outside 0–1."""


class InputError(OpenAffectError):
    """A file or a record from outside cannot be used."""


class MediaError(InputError):
    """Video, audio or a still image that cannot be decoded."""


class TranscriptError(InputError):
    """A transcript that cannot be read."""


class DataError(InputError):
    """Labels, predictions, tables or archives that cannot be used; the message names file and line or key."""

    exit_code = 3


class AbsentData(DataError):
    """Nothing was found for a data set where its labels or predictions were looked for."""


class UnreadableLabels(DataError, IndexError):
    """A label string that the official parser fails on."""


class MissingPrediction(DataError, KeyError):
    """A labelled sample has no prediction, or none of what the score needs beside it."""


class NothingToScore(DataError, IndexError):
    """No sample is left that counts."""


class UndefinedScore(DataError, ZeroDivisionError):
    """A sample on which the score divides by zero."""


class MissingField(DataError, KeyError):
    """A record lacks a key that the score reads."""


class WrongKind(DataError, TypeError):
    """A record that is no object, or labels of kinds that cannot be grouped or sorted together."""


class BrokenRating(DataError, ValueError):
    """A rating that looks like a number and is none."""


class HugeRating(DataError, OverflowError):
    """A rating that is too large for a number."""


class NoRating(DataError, AttributeError):
    """A judge's reply that holds no number."""


class OutputError(OpenAffectError):
    """A result cannot be written (unwritable folder, full disk)."""


class MissingPart(OpenAffectError):
    """An optional package or model is not installed; the message names the command that installs it."""

    exit_code = 2


class RemoteError(OpenAffectError):
    """A server did not give a usable answer."""


class PassingFault(RemoteError):
    """A fault that may pass.  ``retry_after`` is the seconds that the server asked to wait, None if it named none."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(PassingFault):
    """The server asks for fewer calls."""


class ServerFault(PassingFault):
    """The server failed, broke off, sent half a reply or none in time."""


class KeyRejected(RemoteError):
    """The server refuses the key or the account; no further call can succeed."""


class BudgetSpent(RemoteError):
    """The call was not made: the money for the run is spent."""


class OfflineError(RemoteError):
    """A remote call was asked for while ``--offline`` forbids the network."""

    exit_code = 2
