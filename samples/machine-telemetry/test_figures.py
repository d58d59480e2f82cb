from figures import Machine


def test_a_sample_has_every_figure_in_range():
    machine = Machine()
    sample = machine.sample()
    assert sample["machine"] == machine.name
    assert 0 <= sample["cpu_percent"] <= 100
    assert 0 < sample["memory_percent"] <= 100
    assert all(value >= 0 for key, value in sample.items() if key.endswith("_per_second"))
