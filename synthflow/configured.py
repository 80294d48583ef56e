"""Configured: an object that remembers the arguments it was made with, so that it can be saved and made again."""

import inspect
from typing import Any, Self

from synthflow.errors import SavingError


class Configured:
    """Gives every subclass `get_config` and `from_config` without a line of its own.

    >>> class Power(Configured):
    ...     def __init__(self, base, *, exponent=2):
    ...         self.value = base**exponent
    >>> Power(3).get_config()
    {'base': 3}
    >>> Power.from_config({"base": 3, "exponent": 4}).value
    81
    """

    _arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Keep the constructor's arguments."""
        made = super().__new__(cls)
        made._arguments = (args, kwargs)
        return made

    def get_config(self) -> dict[str, Any]:
        """Give the constructor's arguments, from which `from_config` makes an equal object.

        Raises:
            SavingError: The constructor takes `*args`, whose names cannot be told.
        """
        args, kwargs = self._arguments
        signature = inspect.signature(type(self).__init__)
        config: dict[str, Any] = {}
        for name, value in list(signature.bind(self, *args, **kwargs).arguments.items())[1:]:
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                raise SavingError(f"{type(self).__name__} takes *{name}; write get_config() so that it can be saved.")
            config |= value if kind is inspect.Parameter.VAR_KEYWORD else {name: value}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make an object from what `get_config` gave."""
        return cls(**config)
