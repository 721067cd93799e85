"""Whether a student may be called permissive: only if nothing that it learnt from forbids it."""

from __future__ import annotations

import re

from openaffect.errors import UsageError
from openaffect.runtime.facts import StudentFacts

_LIMITED = re.compile(
    r"(?<![a-z])(nc|nd|sa|a?gpl|lgpl|gfdl|odbl|unknown)(?![a-z])|rail|non-?\s?commercial|research|academic|proprietary",
    re.IGNORECASE,
)


def is_limited(licence: str) -> bool:
    """Return whether *licence* names a limit of use (non-commercial, research, share-alike, copyleft) or is empty.

    >>> [is_limited(name) for name in ("Apache-2.0", "CC BY-NC-SA 4.0", "CC-BY-4.0", "research only", "")]
    [False, True, False, True, True]
    """
    return not licence.strip() or _LIMITED.search(licence) is not None


def check_permission(facts: StudentFacts) -> None:
    """Raise `UsageError` when *facts* claim more freedom than what the student learnt from leaves.

    That is: a permissive licence for weights that are not permissive, or "permissive" although the teacher's licence
    or that of some audio is limited or not stated.
    """
    if not facts.permissive:
        if facts.licence and not is_limited(facts.licence):
            raise UsageError(
                f"the weights cannot be under '{facts.licence}': teacher '{facts.teacher}' "
                f"({facts.teacher_licence or 'licence not stated'}) or the audio ({_listed(facts.audio)}) is not "
                "permissive. State a licence that carries their limits, or none."
            )
        return
    if is_limited(facts.teacher_licence):
        came = f"'{facts.teacher_licence}'" if facts.teacher_licence else "not stated"
        raise UsageError(
            f"the student of '{facts.teacher}' cannot be called permissive: the teacher's licence is {came}. "
            "Set permissive to false or take another teacher."
        )
    if limited := [entry for entry in facts.audio if is_limited(entry)]:
        raise UsageError(f"the student cannot be called permissive: it learnt from {_listed(tuple(limited))}.")


def _listed(entries: tuple[str, ...]) -> str:
    return "; ".join(entries) or "not stated"
