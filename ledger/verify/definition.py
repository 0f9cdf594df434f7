"""PostgreSQL's text of a rule, brought to the one form that it has after any number of dumps and restores.

A definition that is read from a database and made anew in another one comes out the same in meaning and sometimes not
in letters: a list of words is cast one by one, `(a OR b) OR c` loses its parentheses.
"""

import re

Tree = list["str | Tree"]

TOKENS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[()]|[^()'\"\s]+")
WORDS = re.compile(r"\(ARRAY\[('[^\]]*'::character varying)\]\)::text\[\]")
WORD = re.compile(r"'[^']*'::character varying")
CONNECTIVES = ("AND", "OR")


def settled(text: str) -> str:
    """For comparing with another settled one; no longer SQL."""
    text = WORDS.sub(lambda found: "ARRAY[" + WORD.sub(r"(\g<0>)::text", found[1]) + "]", text)
    return repr(_flat(_tree(text)))


def _tree(text: str) -> Tree:
    """The words of `text`, what stands in parentheses as a list of its own."""
    stack: list[Tree] = [[]]
    for token in TOKENS.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")" and len(stack) > 1:
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(token)
    return stack[0]


def _flat(tree: Tree) -> Tree:
    nodes: Tree = [_flat(node) if isinstance(node, list) else node for node in tree]
    if len(nodes) == 1 and isinstance(nodes[0], list):
        return nodes[0]
    connective = _connective(nodes)
    flat: Tree = []
    for before, node, after in zip([connective, *nodes], nodes, [*nodes[1:], connective], strict=False):
        # Only a whole operand: what follows NOT, or is compared, keeps its parentheses.
        whole = before == after == connective
        if isinstance(node, list) and connective and whole and _connective(node) == connective:
            flat += node
        else:
            flat.append(node)
    return flat


def _connective(nodes: Tree) -> str | None:
    """The one that joins them; None where there is none, or both."""
    used = [word for word in CONNECTIVES if word in nodes]
    return used[0] if len(used) == 1 else None
