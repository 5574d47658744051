"""A package imports only from floors below it, so that the picture in the design cannot drift."""

from __future__ import annotations

from pathlib import Path

import zoo

ROOT = Path(zoo.__file__).resolve().parent.parent


def test_the_floors_hold(capsys) -> None:  # type: ignore[no-untyped-def]
    from importlinter.cli import lint_imports

    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_light_commands_import_no_heavy_library() -> None:
    import subprocess
    import sys

    script = (
        "import sys, zoo\n"
        "from zoo.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'torchvision', 'timm', 'pandas', 'scipy', 'sklearn', 'altair'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    for words in (["--help"], ["list", "--format", "json"], ["list", "*resnet*"], ["show", "resnet18"]):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (words, done.stderr)
