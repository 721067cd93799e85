"""What runs are called beside one another: by a model of theirs, and by their folder where two have the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from openaffect.bench.task import Who
from openaffect.bench.view.folder import Folder
from openaffect.datasets.files import quoted
from openaffect.errors import UsageError


def model_of(folder: Folder, who: Who) -> str:
    """Return the model that answered as *who*, with its revision; ``unnamed`` where the card does not say."""
    models = folder.card.get("models")
    found = models.get(who) if isinstance(models, Mapping) else None
    named = found if isinstance(found, Mapping) else {}
    model, revision = (str(named.get(key) or "") for key in ("model", "revision"))
    return f"{model}@{revision}" if model and revision else model or "unnamed"


def named_by_model(folders: Sequence[Folder], who: Who) -> dict[str, Folder]:
    """Return *folders* by the model that answered as *who*; where two have one, with the folder in brackets.

    Raises `UsageError` for a folder that comes twice.
    """
    places = Counter(folder.path.resolve() for folder in folders)
    for folder in folders:
        if places[folder.path.resolve()] > 1:
            raise UsageError(f"the run {quoted(folder.path)} is named twice; name each once.")
    models = [model_of(folder, who) for folder in folders]
    return {
        model if models.count(model) == 1 else f"{model} ({folder.path})": folder
        for model, folder in zip(models, folders, strict=True)
    }
