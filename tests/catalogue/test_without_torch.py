"""The catalogue can be read, and studies be checked against it, where torch is not installed."""

import subprocess
import sys

SCRIPT = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoTorch())
from reportgen.registry import architectures, remedies, tasks
assert {"mlp", "rnn"} <= set(architectures.names())
assert {"digits", "digit-pixels", "spirals", "latch"} <= set(tasks.names())
assert {"activation", "initialisation", "clip-norm"} <= set(remedies.names())
for registry in (architectures, remedies, tasks):
    for entry in registry.entries():
        entry.complete({})
        entry.parameters.model_json_schema()
assert remedies["initialisation"].make(to="he-normal").settings == {"architecture.initialisation": "he-normal"}
assert tasks["digits"].make().shape.inputs == 64
"""


def test_the_catalogue_is_introspectable_without_torch():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
