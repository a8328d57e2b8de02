use std::path::Path;

use protocol::Entropy;
use server_store::Shared;

use crate::key::ServerKey;

/// The key of this node, which must be that of all nodes: with another one it would refuse everybody whom they let in.
pub(crate) async fn key_of_nodes(nodes: &dyn Shared, file: &Path, entropy: &dyn Entropy) -> anyhow::Result<ServerKey> {
    let other = || {
        anyhow::anyhow!(
            "{} is not the key of the nodes that serve this database; copy server.key from the data folder of one of them, or, if \
             it is lost, run `vitrine-server adopt-key` to go on with this node's key and sign everybody out",
            file.display()
        )
    };
    // A node that is no longer the first must not make a key of its own.
    if nodes.key_fingerprint().await?.is_some() && !file.exists() {
        return Err(other());
    }
    let key = ServerKey::load_or_make(file, entropy)?;
    if nodes.keep_key_fingerprint(&key.fingerprint(), false).await? { Ok(key) } else { Err(other()) }
}
