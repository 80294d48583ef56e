"""Data models: what flows through a program, and the operators that put it together.

Everything that enters a program, leaves it, or passes between two of its modules is a JSON
object with a JSON schema. You write such a type as a `DataModel` class. This guide goes
through what these types refuse, how they look as JSON, and the six operators, which work
alike on types, on values, and on the promises that a graph is wired from. Nothing is trained
here, and no model is asked:

    python guides/02_data_models.py
"""

import asyncio
import operator
from datetime import date
from enum import IntEnum

from pydantic import ValidationError

import synthflow


def title(words):
    """Print a heading."""
    print(f"\n=== {words} ===\n")


def refused(make, *about):
    """Print why something is refused; anything that is not would end the guide."""
    try:
        made = make(*about)
    except ValidationError as error:
        [first] = error.errors(include_url=False)
        print(f"refused: {'.'.join(map(str, first['loc']))}: {first['msg']} ({first['input']!r})")
    except (ValueError, TypeError) as error:
        print(f"refused: {error}")
    else:
        raise AssertionError(f"{made!r} was taken")


# --- Types --------------------------------------------------------------------------------
#
# A DataModel class is a pydantic model that is stricter than most. What a language model or a
# script answers is checked against its schema, and a value that "nearly" fits is a value that
# breaks something later. So a text of digits is no number, 1 is no truth value, fields that
# nobody declared are refused, and so is NaN, which JSON does not have. A field that is to be
# converted says so: `Field(strict=False)`. What JSON has no type for, dates and enumerations,
# is taken in its JSON form too.


class Genre(IntEnum):
    """Kinds of books."""

    NOVEL = 1
    POEM = 2


class Author(synthflow.DataModel):
    """Who wrote it."""

    name: str = synthflow.Field(description="First name and surname.")


class Book(synthflow.DataModel):
    """A book on a shelf."""

    title: str = synthflow.Field(description="As on its cover.")
    pages: int = synthflow.Field(ge=1, description="How many pages it has.")
    authors: list[Author] = synthflow.Field(default=[], description="Who wrote it.")
    genre: Genre = synthflow.Field(default=Genre.NOVEL, description="1 is a novel, 2 a poem.")
    bought: date | None = synthflow.Field(default=None, description="When it was bought.")


class Opinion(synthflow.DataModel):
    """What somebody thinks."""

    title: str = synthflow.Field(description="A heading.")
    stars: int = synthflow.Field(ge=1, le=5, description="From 1 to 5.")


class Loan(synthflow.DataModel):
    """Who has it."""

    reader: str


BOOK = Book(title="Emma", pages=474, authors=[Author(name="Jane Austen")], bought="2024-05-01")
OPINION = Opinion(title="Too long", stars=3)


def look_at_types():
    """Make values, be refused some, and see JSON and schemas."""
    print(BOOK)
    print(f"As JSON: {BOOK.get_json()}")
    print(f"The schema of an opinion: {Opinion.get_schema()}\n")
    refused(lambda: Opinion(title="Fine", stars="3"))
    refused(lambda: Opinion(title="Fine", stars=9))
    refused(lambda: Opinion(title="Fine", stars=3, starz=4))
    refused(lambda: Opinion(stars=True, title="Fine"))


# --- Values -------------------------------------------------------------------------------
#
# What a program answers has a schema and often no class of yours: it may be the fields of two
# classes put together. Such a value is a `JsonDataModel`. You can make one too, where JSON
# comes from elsewhere; it is checked once, when it is made. `value["field"]` insists on a
# field, `value.get("field", default)` does not. Values with the same content are equal,
# whatever they were made of.
#
# Masks keep or drop fields. `in_mask` and `out_mask` do it to a value; in a graph the modules
# `InMask` and `OutMask` do, and rewards and metrics take masks for the fields that count.


def look_at_values():
    """Take JSON for a value, and mask it."""
    value = synthflow.JsonDataModel(json={"title": "Too long", "stars": 3}, data_model=Opinion)
    print(f"{value}, equal to the object: {value == OPINION}")
    print(f"Only the stars: {value.in_mask(['stars'])}")
    print(f"All but the stars: {value.out_mask(['stars'])}\n")
    refused(lambda: synthflow.JsonDataModel(json={"title": "Too long", "stars": "***"}, data_model=Opinion))
    try:
        value["star"]
    except KeyError as error:
        print(f"refused: {error.args[0]}")


# --- Operators ----------------------------------------------------------------------------
#
# | operator         | both given          | left only  | right only |
# |------------------|---------------------|------------|------------|
# | `+` concatenate  | the fields of both  | ValueError | ValueError |
# | `&` and          | the fields of both  | None       | None       |
# | `|` or           | the fields of both  | left       | right      |
# | `^` exclusive or | None                | left       | right      |
# | `~` not          | None                |            |            |
#
# None is what flows where something did not happen: a branch not taken, an optional input
# not given. `+` is for what is always there, and says so when it is not. Where both sides have
# a field of one name, the right one becomes `title_1`: nothing is ever overwritten.
#
# `in` asks for a field by its name, or for all fields of another type.

OPERATORS = {"+": operator.add, "&": operator.and_, "|": operator.or_, "^": operator.xor}


def look_at_operators():
    """Apply the operators to values and to types."""
    for sign, combine in OPERATORS.items():
        print(f"book {sign} opinion: {shown(combine(BOOK, OPINION))}")
        if sign != "+":
            print(f"book {sign} None:    {shown(combine(BOOK, None))}")
    print(f"~book:          {shown(~BOOK)}")
    refused(operator.add, BOOK, None)

    title("The same on types")
    print(f"Book + Opinion has {', '.join((Book + Opinion).keys())}")
    print(f"Book ^ Opinion is one of {[kind['title'] for kind in (Book ^ Opinion).get_schema()['anyOf']]}")
    print(f"Is there a field 'stars' in Opinion? {'stars' in Opinion}. In Book? {'stars' in Book}.")
    print(f"Are the fields of Opinion in Book + Opinion? {Opinion in Book + Opinion}. In Book? {Opinion in Book}.")


def shown(value):
    """Name the fields of a value."""
    return None if value is None else ", ".join(value.get_json())


# --- Promises -----------------------------------------------------------------------------
#
# In a graph the same operators combine promises. A promise has a schema and no content, so a
# mistake in the wiring is told while you wire, before anything runs or is paid for. What is
# there and what is None shows when the program runs, row by row.


async def wire():
    """Wire every operator into one program, and a mask behind."""
    book = synthflow.Input(data_model=Book, name="book", optional=True)
    opinion = synthflow.Input(data_model=Opinion, name="opinion", optional=True)
    loan = synthflow.Input(data_model=Loan, name="loan")
    outputs = {
        "or": book | opinion,
        "and": book & opinion,
        "xor": book ^ opinion,
        "card": await synthflow.InMask(mask=["title", "reader"])((book | opinion) + loan),
    }
    print(f"A promise: {book + opinion}\n")
    refused(lambda: book["title"])
    refused(lambda: book + Opinion)
    return synthflow.Program(inputs={"book": book, "opinion": opinion, "loan": loan}, outputs=outputs, name="shelf")


async def look_at_promises():
    """Run the graph on rows where something is missing."""
    program = await wire()
    try:
        await synthflow.OutMask(mask=["stras"])(synthflow.Input(data_model=Opinion))
    except synthflow.errors.SchemaError as error:
        print(f"refused: {error}")
    for about, book, opinion in (("Both", BOOK, OPINION), ("No opinion", BOOK, None), ("No book", None, OPINION)):
        answer = await program({"book": book, "opinion": opinion, "loan": Loan(reader="Ada")})
        print(f"\n{about}:")
        for name, value in answer.items():
            print(f"  {name}: {shown(value)}")
    return program


# --- Conversations ------------------------------------------------------------------------
#
# One type comes with the package: `ChatMessages`, a list of `ChatMessage`. A `Generator` that
# reads a field `messages` of this type takes it for the conversation so far, and one that is
# given no `data_model` answers a ChatMessage. `+` works on it as on any other.


def look_at_conversations():
    """Make a conversation, with something beside it."""
    talk = synthflow.ChatMessages(
        messages=[
            synthflow.ChatMessage(role="user", content="Is it any good?"),
            synthflow.ChatMessage(role="assistant", content="It is long."),
        ]
    )
    print((OPINION + talk).get_json()["messages"][0]["content"])
    refused(lambda: synthflow.ChatMessage(role="robot", content="Beep."))


async def main():
    """Go through the guide from top to bottom."""
    title("Types")
    look_at_types()

    title("Values")
    look_at_values()

    title("The operators on values")
    look_at_operators()

    title("The operators on promises")
    program = await look_at_promises()

    title("Conversations")
    look_at_conversations()

    title("Alike everywhere")
    answer = await program({"book": BOOK, "opinion": OPINION, "loan": Loan(reader="Ada")})
    promised = [program.graph.outputs[name].get_schema() for name in ("or", "and", "xor")]
    declared = [kind.get_schema() for kind in (Book | Opinion, Book & Opinion, Book ^ Opinion)]
    print(f"A graph promises the types that the operators declare: {promised == declared}")
    values = [BOOK | OPINION, BOOK & OPINION, BOOK ^ OPINION]
    print(f"A program answers what the operators give: {[answer[name] for name in ('or', 'and', 'xor')] == values}")


if __name__ == "__main__":
    asyncio.run(main())
