# SPDX-License-Identifier: Apache-2.0
"""`cedar visualize`: the graph, its escapes, and inputs that cannot be read."""
import json

from cli_tool import cedar, files

ENTITIES = [
    {"uid": {"type": "N::B", "id": "b"}, "attrs": {}, "parents": [{"type": "C", "id": "c\nx"}]},
    {"uid": {"type": "A", "id": 'a "q"'}, "attrs": {},
     "parents": [{"type": "N::B", "id": "b"}, {"type": "A", "id": "it's"}]},
    {"uid": {"type": "A", "id": "it's"}, "attrs": {}, "parents": []},
]


def visualize(files, value, *options):
    files("e.json", json.dumps(value))
    return cedar("visualize", "--entities", "e.json", *options, cwd=files.dir)


def test_a_graph(files):
    assert visualize(files, ENTITIES) == (0, r'''strict digraph {
	ordering="out"
	node[shape=box]
	subgraph "cluster_A" {
		label="A"
		"A::\"a \\\"q\\\"\"" [label="a \\\"q\\\""]
		"A::\"it\\\'s\"" [label="it\\\'s"]
	}
	subgraph "cluster_N::B" {
		label="N::B"
		"N::B::\"b\"" [label="b"]
	}
	"A::\"a \\\"q\\\"\"" -> "A::\"it\\\'s\""
	"A::\"a \\\"q\\\"\"" -> "N::B::\"b\""
	"N::B::\"b\"" -> "C::\"c\\nx\""
}

''', "")


def test_nothing(files):
    assert visualize(files, []) == (
        0, 'strict digraph {\n\tordering="out"\n\tnode[shape=box]\n}\n\n', "")


def test_only_direct_parents_are_drawn(files):
    chain = [{"uid": {"type": "A", "id": str(i)}, "attrs": {},
              "parents": [{"type": "A", "id": str(i + 1)}]} for i in range(5)]
    _, out, _ = visualize(files, chain)
    assert out.count(" -> ") == 5


def test_json(files):
    code, out, err = visualize(files, ENTITIES, "--output", "json")
    answer = json.loads(out)
    assert (code, err) == (0, "") and answer["findings"] == []
    assert answer["entities"][0] == {"uid": {"type": "A", "id": 'a "q"'}, "parents": [
        {"type": "A", "id": "it's"}, {"type": "N::B", "id": "b"}]}
    assert len(answer["entities"]) == 3


def test_bad_entities(files):
    code, out, err = visualize(files, {})
    assert (code, out) == (1, "") and "failed to parse entities from file e.json" in err
    code, out, _ = visualize(files, {}, "--output", "json")
    assert code == 1 and json.loads(out)["findings"]
    assert cedar("visualize")[0] == 2
