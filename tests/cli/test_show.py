"""`synthflow show` tells a person what is in a saved program."""

from synthflow import Program


def test_it_prints_the_graph_and_the_script(command, saved):
    """The summary comes first, then the script as plain source."""
    code, out, _ = command("show", saved)

    assert code == 0
    assert out.startswith("transpose\n")
    assert "\nIn use: python_synthesis/state\n\nresult = {" in out


def test_it_prints_each_candidate_with_its_reward(command, saved):
    """The population is shown best first, and the one in use is marked, not printed twice."""
    program = Program.load(saved)
    [(path, variable)] = program.named_variables()
    worse = {path: {"python_script": "result = inputs"}}
    best = {path: variable.get_json()}
    population = [{"reward": 1.0, "values": best}, {"reward": 0.25, "values": worse}]
    program.set_state_tree({"variables": best, "population": population})
    program.save(saved)

    _, out, _ = command("show", saved)

    assert out.index("Candidate 1 of 2, reward 1.0000, in use") < out.index("Candidate 2 of 2, reward 0.2500: ")
    assert out.count("zip(*inputs") == 1


def test_a_file_that_is_no_program_is_an_error(command, tmp_path):
    """Any other JSON is refused by name."""
    other = tmp_path / "other.json"
    other.write_text("{}")

    code, out, err = command("show", other)

    assert (code, out) == (2, "")
    assert err.startswith("SavingError: ")
    assert "other.json" in err
