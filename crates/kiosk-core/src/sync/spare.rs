use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::{ids::OpKey, sync::Op};

/// Changes that the disk did not take and that must not be lost for that: the ends of conversations. They live as long as the program.
#[derive(Debug, Default)]
pub(crate) struct Spare(Mutex<Vec<Op>>);

impl Spare {
    pub(crate) fn keep(&self, op: Op) {
        self.ops().push(op);
    }

    /// Those that are still here, in the order they came.
    pub(crate) fn list(&self) -> Vec<Op> {
        self.ops().clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ops().is_empty()
    }

    /// It is settled, or the disk took it after all. True where it was here.
    pub(crate) fn forget(&self, key: OpKey) -> bool {
        let mut ops = self.ops();
        let before = ops.len();
        ops.retain(|op| op.key != key);
        ops.len() < before
    }

    fn ops(&self) -> MutexGuard<'_, Vec<Op>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
