"""What the portal does without a person: who of its services does which task. Rules say so (policies/services.cedar).

Tasks are no actions: nobody who signs in can be asked about one, and no service about an action. A service that was let in holds a
`Mandate`, which is no permit: it names no body, so it opens no key and reads no content.
"""

from dataclasses import dataclass
from enum import StrEnum


class Service(StrEnum):
    SEQUENCER = "sequencer"
    EXPIRY = "expiry"
    STOREKEEPER = "storekeeper"
    OPERATOR = "operator"  # a command on the machine, or a start

    @property
    def words(self) -> str:
        return self.value.capitalize()


class Task(StrEnum):
    # what happened gets its place
    LOG_SEQUENCE = "log:sequence"
    LOG_SEND = "log:send"  # to a body's own system that watches
    LOG_SUM_REFUSALS = "log:sum_refusals"
    LOG_CHECK = "log:check"
    # what is over ends
    SHARE_EXPIRE = "share:expire"
    DEPUTY_EXPIRE = "deputy:expire"
    UPLOAD_EXPIRE = "upload:expire"
    SESSION_EXPIRE = "session:expire"
    NAMES_EXPIRE = "names:expire"
    # the store against the rows
    OBJECT_KEEP = "object:keep"
    OBJECT_SWEEP = "object:sweep"
    OBJECT_REPORT = "object:report"
    SHREDDING_FINISH = "shredding:finish"
    # commands, and the start
    POLICY_ADOPT = "policy:adopt"
    POLICY_PROPOSE = "policy:propose"
    POLICY_SIMULATE = "policy:simulate"
    NETWORKS_IMPORT = "networks:import"
    OFFICERS_NAME = "officers:name"
    RESTORE_RECONCILE = "restore:reconcile"
    RESTORE_SETTLE = "restore:settle"
    RESTORE_DISCARD = "restore:discard"
    RECOVERY_EXPORT = "recovery:export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A decision in favour of a service. Never build one outside `policy.decide`."""

    service: Service
    task: Task
    rules: tuple[str, ...]
    policy_hash: str
