//! Bringing everything under a newer master key while the server serves.

use crate::engine::Engine;
use crate::error::Result;
use huike_vault::keys::KeyRing;

/// Subject keys that are rewrapped in one transaction.
const CHUNK: i64 = 500;

impl Engine {
    /// Takes a key ring into use and brings what older master keys protect under its current one; how many subject keys were looked at. Data,
    /// blind indexes and the auditors' public key stay as they are. When it has ended, an older key may be thrown away.
    ///
    /// # Errors
    /// When something was wrapped under a master key that the ring doesn't hold; what was done until then stays done, and a repetition goes on.
    pub async fn rotate_master_key(&self, ring: KeyRing) -> Result<u64> {
        self.keys().replace_ring(ring);
        let keys = self.keys().clone();
        self.write(move |conn| keys.rewrap_own(conn)).await?;
        // Whoever stored a key under the older one has committed when the table is free; everybody later sees, after storing one, that the
        // newer is in use.
        self.write(|conn| Ok(conn.lock_table("subject_key")?)).await?;
        let (mut after, mut seen) = (0, 0);
        loop {
            let keys = self.keys().clone();
            match self.write(move |conn| keys.rewrap(conn, after, CHUNK)).await? {
                Some((last, count)) => {
                    after = last;
                    seen += count;
                }
                None => return Ok(seen),
            }
        }
    }
}
