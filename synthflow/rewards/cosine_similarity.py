"""CosineSimilarity: how near the meaning of a prediction is to that of the true answer."""

import math
from typing import Any, Unpack

from synthflow.data_models.canonical import canonical
from synthflow.data_models.field_mask import Masks
from synthflow.data_models.json_data_model import JsonDataModel
from synthflow.errors import LanguageModelError
from synthflow.graph.structure import to_json
from synthflow.language_models.defaults import as_embedding_model
from synthflow.language_models.embedding_model import EmbeddingModel, Vector
from synthflow.language_models.provider import EmbeddingProvider
from synthflow.rewards.reward import Reward


class CosineSimilarity(Reward):
    """Half of one plus the cosine between the two texts as vectors of an embedding model.

    Texts of the same meaning come near 1.0, and texts that have nothing in common near 0.5.
    What is embedded is the fields that count: where all of them are texts on both sides, the
    texts in the order of the fields' names, a line each; otherwise the JSON. Equal texts are
    worth exactly 1.0, and an empty text is worth 0.0 against any other; neither is embedded.

    Args:
        embedding_model: Who embeds: an EmbeddingModel, a name such as
            `openai/text-embedding-3-small`, or an object with `async embed(model, text)`.
        name: How it is called in messages; `cosine_similarity` by default.
        **masks: Which fields count, as for `Reward`.

    >>> import asyncio
    >>> from synthflow.data_models.data_model import DataModel
    >>> from synthflow.testing import HashEmbeddingModel
    >>> class Answer(DataModel):
    ...     text: str
    >>> reward = CosineSimilarity(HashEmbeddingModel())
    >>> asyncio.run(reward(Answer(text="Paris in France"), Answer(text="Paris in Texas"))) > 0.8
    True
    """

    waits = True

    def __init__(
        self,
        embedding_model: EmbeddingModel | EmbeddingProvider | str,
        *,
        name: str | None = None,
        **masks: Unpack[Masks],
    ) -> None:
        super().__init__(name, **masks)
        self.embedding_model = as_embedding_model(embedding_model)

    async def call(self, y_true: Any, y_pred: Any) -> float:
        """Embed both texts at once, and compare."""
        truth, prediction = _texts(y_true, y_pred)
        if truth == prediction:
            return 1.0
        if not truth.strip() or not prediction.strip():
            return 0.0
        return similarity(*await self.embedding_model([truth, prediction]))

    def most_calls(self) -> int:
        """Give the HTTP attempts that the reward of one row can take at most."""
        return 2 * (self.embedding_model.retry + 1)


def similarity(one: Vector, other: Vector) -> float:
    """Give (cosine + 1) / 2; equal vectors have 1.0, and one of zeros is at right angles to all others.

    Raises:
        LanguageModelError: These are no vectors of one space.

    >>> similarity((1.0, 0.0), (2.0, 0.0)), similarity((1.0, 0.0), (0.0, 1.0)), similarity((1.0, 0.0), (-1.0, 0.0))
    (1.0, 0.5, 0.0)
    """
    if one == other:
        return 1.0
    lengths = math.hypot(*one), math.hypot(*other)
    if len(one) != len(other) or not all(map(math.isfinite, lengths)):
        raise LanguageModelError(
            f"An embedding model gave vectors of {len(one)} and {len(other)} numbers with the lengths {lengths[0]:g} "
            f"and {lengths[1]:g}, which cannot be compared.",
            "malformed",
        )
    if 0.0 in lengths:
        return 0.5
    cosine = math.fsum(x / lengths[0] * (y / lengths[1]) for x, y in zip(one, other, strict=True))
    return min(1.0, max(0.0, (cosine + 1) / 2))


def _texts(*sides: Any) -> list[str]:
    """Give what to embed of each side: plain text where that says all."""
    if all(isinstance(side, JsonDataModel) and all(isinstance(v, str) for v in side.values()) for side in sides):
        texts = ["\n".join(text for _, text in sorted(side.items())) for side in sides]
    else:
        texts = ["" if side is None else canonical(to_json(side)).decode() for side in sides]
    return [text.encode("utf-8", "replace").decode() for text in texts]  # half of a surrogate pair cannot be sent
