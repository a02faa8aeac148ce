"""How many documents are worked on at once, and where the virus scanner is: each fault says which key, and pages always find a thread."""

from pathlib import Path

import pytest

from portal.kernel.config import Config, load_config
from portal.kernel.errors import Misconfigured
from tests.common.house import House


def configured(house: House, lines: str, threads: int = 8) -> Path:
    file = house.folder / "config.toml"
    text = file.read_text()
    assert "threads" not in text
    file.write_text(text.replace("[server]\n", f"{lines}\n\n[server]\nthreads = {threads}\n"))
    return file


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("[render]\nworkers = -1", "render.workers, waiting and wait_seconds must be at least 0"),
        ("[render]\nwaiting = -1", "render.workers, waiting and wait_seconds must be at least 0"),
        ("[render]\nwait_seconds = -1", "render.workers, waiting and wait_seconds must be at least 0"),
        ("[render]\nworkers = 8", "render.workers would hold every thread: set server.threads to 10 or more"),
        ('[clamd]\nsocket = "s"\nhost = "127.0.0.1"', "clamd: set socket, or host and port, not both"),
        ('[clamd]\nhost = "192.0.2.1"', "clamd.host must be this machine"),
        ('[clamd]\nhost = "scanner.example"', "clamd.host must be this machine"),
        ('[clamd]\nhost = "127.0.0.1"\nport = 0', "clamd: port must be 1 to 65535"),
        ('[clamd]\nhost = "127.0.0.1"\nport = 70000', "clamd: port must be 1 to 65535"),
        ('[clamd]\nsocket = "s"\nseconds = 0', "seconds at least 1"),
        ('[clamd]\nsocket = "s"\nrequired = "no"', "clamd.required must be of type bool"),
    ],
)
def test_each_fault_is_told_with_its_key(house: House, lines: str, fault: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        load_config(configured(house, lines))
    assert fault in caught.value.detail


def test_pages_find_a_thread_however_many_documents_are_worked_on_and_waited_for(house: House, tmp_path: Path) -> None:
    text = (house.folder / "config.toml").read_text()
    for threads in (1, 2, 3, 4, 8, 64):
        for lines in ("[render]", "[render]\nwaiting = 90", "[render]\nworkers = 1"):
            if threads == 1 and "workers" in lines:
                continue
            (house.folder / "config.toml").write_text(text)
            config: Config = load_config(configured(house, lines, threads))
            assert config.render_workers >= 1
            assert threads == 1 or config.render_workers + config.render_waiting < threads


def test_a_socket_is_found_beside_the_configuration_and_none_is_configured_by_itself(house: House) -> None:
    assert house.config.clamd.address is None
    config = load_config(configured(house, '[clamd]\nsocket = "run/clamd"'))
    assert config.clamd.address == str(house.folder / "run" / "clamd")
    assert config.clamd.required
