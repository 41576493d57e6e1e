"""Work on DBOS: what an attempt achieved is on record before its row is settled.

Killed in between, the next process finds the record and does not do the work again. DBOS is imported and
launched by the first piece of work and closed when there was none for a while: idle, it costs about 20 MiB
and 1 % of a core.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from parley.kernel.queue.registry import Work
from parley.kernel.queue.workload import Workload
from parley.kernel.settings import Settings

if TYPE_CHECKING:
    from dbos import DBOSConfig, StepOptions

SHAPE = "1"
"""The version of the steps of `do_work`. DBOS resumes a workflow only where the steps are the same."""


class Durable:
    """DBOS in this process, of which there can be only one."""

    def __init__(self, settings: Settings, workload: Workload, holder: str) -> None:
        self._settings = settings
        self._workload = workload
        self._holder = holder
        self._changing = asyncio.Lock()
        self._workflow: Any = None
        self.used_at = 0.0

    async def run(self, work: Work) -> None:
        """Attempt and settle one piece of work as a workflow, or finish what a dead process began."""
        async with self._changing:
            if self._workflow is None:
                await self._launch()
            self.used_at = monotonic()
        from dbos import DBOS, SetWorkflowID

        # Each attempt is a workflow of its own: a retry must not find the record of the last failure.
        id = f"{work.id}:{work.attempts}"
        try:
            with SetWorkflowID(id):
                handle = await DBOS.start_workflow_async(self._workflow, msgspec.to_builtins(work))
            if (await handle.get_status()).executor_id != self._holder:
                handle = await DBOS.resume_workflow_async(id)
            await handle.get_result(polling_interval_sec=0.2)
        finally:
            self.used_at = monotonic()
            # The outbox is the truth about what is left to do. A workflow that failed as such is begun anew.
            await DBOS.delete_workflow_async(id)

    async def close(self) -> None:
        """Shut DBOS down if it runs. Workflows that are not finished stay on record."""
        async with self._changing:
            if self._workflow is None:
                return
            from dbos import DBOS

            self._workflow = None
            await asyncio.to_thread(DBOS.destroy, destroy_registry=True)
            # DBOS had made its own threads the loop's default, and they are gone now.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(thread_name_prefix="asyncio"))

    async def _launch(self) -> None:
        await asyncio.to_thread(self._prepare)
        from dbos import DBOS

        DBOS(config=self._config())
        try:
            workflow = self._make_workflow()
            # Launched on this loop, so that the workflows which DBOS resumes run on it as well.
            DBOS.launch()
        except BaseException:
            DBOS.destroy(destroy_registry=True)
            raise
        self._workflow = workflow

    def _make_workflow(self) -> Callable[[dict[str, Any]], Coroutine[Any, Any, None]]:
        from dbos import DBOS

        # The database may be away for a while; the record of the attempt must not be lost over that.
        patient: StepOptions = {"name": "settle", "retries_allowed": True, "max_attempts": 8}

        @DBOS.workflow(name="parley.work")
        async def do_work(fields: dict[str, Any]) -> None:
            work = msgspec.convert(fields, Work)
            error = await DBOS.run_step_async({"name": "attempt"}, self._workload.attempt, work)
            await DBOS.run_step_async(patient, self._workload.settle, work, error)

        return do_work

    def _prepare(self) -> None:
        """Import DBOS and bring its tables up to date, in a thread because both may take a while."""
        logger = logging.getLogger("dbos")
        if not logger.handlers:
            # With a handler of ours DBOS adds none; its messages go where all others go.
            logger.addHandler(logging.NullHandler())
        from dbos import DBOS

        if self._settings.is_sqlite:
            sqlite3.connect(self._file).execute("PRAGMA journal_mode=WAL").connection.close()
        DBOS.migrate(self._url, schema="dbos")

    def _config(self) -> "DBOSConfig":
        return {
            "name": "parley",
            "system_database_url": self._url,
            "dbos_system_schema": "dbos",
            "application_version": SHAPE,
            # Never that of an earlier process: the lease in the outbox says who finishes what it left.
            "executor_id": self._holder,
            "sys_db_pool_size": 4,
            "use_listen_notify": False,
            # Closing DBOS waits for this thread, which looks at memory only.
            "notification_listener_polling_interval_sec": 0.25,
            "run_migrations": False,
            "log_level": "WARNING",
        }

    @property
    def _file(self) -> str:
        return str(self._settings.data_dir / "jobs.sqlite3")

    @property
    def _url(self) -> str:
        # A file of its own on SQLite: in the main one, DBOS and the program waited for each other's locks.
        return f"sqlite:///{self._file}" if self._settings.is_sqlite else self._settings.database_url
