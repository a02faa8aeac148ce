"""What rules may speak of, as tables: read from Cedar's own rendering of the schema, never written by hand.

Whatever is not understood (namespaces, tags, action groups, records in records) raises `NotUnderstood`: a proof about half a schema
would be a proof about nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import cedarpy

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|([{}\[\]<>(),:;=?]))')
PLAIN_TYPES = frozenset({"Bool", "Long", "String", "datetime"})


class NotUnderstood(Exception):
    """The schema, a rule or an invariant says something that is not translated. Nothing is proved until it is."""


class Mistyped(NotUnderstood):
    """An expression cannot be about this kind of question: it has no such attribute, or compares what can never be the same."""


@dataclass(frozen=True, slots=True)
class Type:
    """`Bool`, `Long`, `String`, `datetime`, the name of an entity type, or `Set` of one of these."""

    name: str
    of: "Type | None" = None

    def __str__(self) -> str:
        return f"Set<{self.of}>" if self.of else self.name


@dataclass(frozen=True, slots=True)
class Attribute:
    type: Type
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity type. `ids`: all there ever are, if it is an enum. `parents`: of which types its parents are."""

    name: str
    ids: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of question: an action, the types of who and what, and what its context holds."""

    action: str
    principal: str
    resource: str
    context: Mapping[str, Attribute] = field(hash=False)


@dataclass(frozen=True, slots=True)
class Tables:
    """`asks`: by action, every kind of question about it; none for a door that is decided before any rule."""

    entities: Mapping[str, Entity]
    asks: Mapping[str, tuple[Ask, ...]]

    @staticmethod
    def of(schema: cedarpy.Schema) -> "Tables":
        reader = _Reader(str(schema))
        while not reader.ended:
            reader.declaration()
        for entity in reader.entities.values():
            for parent in entity.parents:
                if reader.entities[parent].parents:
                    raise NotUnderstood(f"{entity.name} in {parent}, which has parents itself: only one storey of parents is translated")
        return Tables(reader.entities, reader.asks)

    def joined(self, other: "Tables") -> "Tables":
        """What either knows. Raises `NotUnderstood` where the two contradict each other."""
        entities = dict(self.entities)
        for name, more in other.entities.items():
            one = entities.get(name, more)
            ids, parents = tuple(dict.fromkeys(one.ids + more.ids)), tuple(dict.fromkeys(one.parents + more.parents))
            if bool(one.ids) != bool(more.ids):
                raise NotUnderstood(f"{name}, which is an enum in one schema and not in the other")
            entities[name] = Entity(name, ids, parents, _joined(name, one.attributes, more.attributes))
        asks: dict[str, tuple[Ask, ...]] = {}
        for action in dict.fromkeys([*self.asks, *other.asks]):
            found: dict[tuple[str, str], Ask] = {}
            for ask in (*self.asks.get(action, ()), *other.asks.get(action, ())):
                known = found.setdefault((ask.principal, ask.resource), ask)
                context = _joined(f"the context of {action}", known.context, ask.context)
                found[ask.principal, ask.resource] = Ask(action, ask.principal, ask.resource, context)
            asks[action] = tuple(found.values())
        return Tables(entities, asks)

    @property
    def every(self) -> list[Ask]:
        return [ask for asks in self.asks.values() for ask in asks]


def _joined(where: str, one: Mapping[str, Attribute], other: Mapping[str, Attribute]) -> Mapping[str, Attribute]:
    for name in one.keys() & other.keys():
        if one[name] != other[name]:
            raise NotUnderstood(f"{name!r} of {where}, which is not the same in both schemas")
    return {**one, **other}


class _Reader:
    """Recursive descent over Cedar's rendering: types first, then entities, then actions."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            token = TOKEN.match(text, at)
            if token is None:
                raise NotUnderstood(f"the schema at {text[at : at + 40]!r}")
            self._tokens.append(token[0].strip())
            at = token.end()
        self._at = 0
        self._records: dict[str, Mapping[str, Attribute]] = {}
        self.entities: dict[str, Entity] = {}
        self.asks: dict[str, tuple[Ask, ...]] = {}

    @property
    def ended(self) -> bool:
        return self._at == len(self._tokens)

    def declaration(self) -> None:
        said: Mapping[str, Callable[[], None]] = {"type": self._type_alias, "entity": self._entity, "action": self._action}
        word = self._next()
        if word not in said:
            raise NotUnderstood(f"the schema's {word!r}")
        said[word]()
        self._expect(";")

    def _type_alias(self) -> None:
        name = self._next()
        self._expect("=")
        self._records[name] = self._record()

    def _entity(self) -> None:
        name = self._next()
        if self._take("enum"):
            self.entities[name] = Entity(name, ids=tuple(self._list()))
            return
        parents = tuple(self._list()) if self._take("in") else ()
        attributes = self._record() if self._take("=") else {}
        self.entities[name] = Entity(name, parents=parents, attributes=attributes)

    def _action(self) -> None:
        names = [self._name()]
        while self._take(","):
            names.append(self._name())
        principals: list[str] = []
        resources: list[str] = []
        context: Mapping[str, Attribute] = {}
        if self._take("appliesTo"):
            self._expect("{")
            while not self._take("}"):
                part = self._next()
                self._expect(":")
                if part == "principal":
                    principals = self._list()
                elif part == "resource":
                    resources = self._list()
                elif part == "context":
                    context = self._record()
                else:
                    raise NotUnderstood(f"an action applies to a {part!r}")
                self._take(",")
        for name in names:
            self.asks[name] = tuple(Ask(name, who, what, context) for who in principals for what in resources)

    def _record(self) -> Mapping[str, Attribute]:
        if not self._take("{"):
            name = self._next()
            if name not in self._records:
                raise NotUnderstood(f"the record {name!r}")
            return self._records[name]
        found: dict[str, Attribute] = {}
        while not self._take("}"):
            name = self._name()
            optional = self._take("?")
            self._expect(":")
            found[name] = Attribute(self._type(), optional)
            self._take(",")
        return found

    def _type(self) -> Type:
        name = self._next()
        if name != "Set":
            if not (name in PLAIN_TYPES or name[0].isupper()) or name in self._records:
                raise NotUnderstood(f"an attribute of the type {name!r}")
            return Type(name)
        self._expect("<")
        inner = self._type()
        self._expect(">")
        if inner.of:
            raise NotUnderstood("a set of sets")
        return Type("Set", inner)

    def _list(self) -> list[str]:
        if not self._take("["):
            return [self._name()]
        found = []
        while not self._take("]"):
            found.append(self._name())
            self._take(",")
        return found

    def _name(self) -> str:
        token = self._next()
        if not (token[0] == '"' or token[0].isalpha() or token[0] == "_") or "\\" in token:
            raise NotUnderstood(f"the name {token!r} in the schema")
        return token.strip('"')

    def _next(self) -> str:
        if self.ended:
            raise NotUnderstood("a schema that breaks off")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if not self.ended and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise NotUnderstood(f"the schema at {' '.join(self._tokens[self._at : self._at + 6])!r}, where {token!r} should stand")
