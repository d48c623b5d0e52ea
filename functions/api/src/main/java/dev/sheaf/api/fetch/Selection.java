package dev.sheaf.api.fetch;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Commit;
import dev.sheaf.bundle.history.Snapshot;
import java.util.List;
import java.util.SequencedSet;

/**
 * The answer to a {@link WantHave} before any content was read.
 *
 * @param commits parents first
 * @param snapshots each after what it builds on; a delta only to another of them
 * @param objects every object that the snapshots name and the client does not have
 */
record Selection(List<Commit> commits, List<Snapshot> snapshots, SequencedSet<ContentId> objects) {}
