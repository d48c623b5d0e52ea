package dev.sheaf.bundleindex;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.History;
import dev.sheaf.repository.Ingest;
import dev.sheaf.repository.ObjectRows;
import java.util.Collection;
import java.util.Set;

/**
 * A bundle that was read to its end, its bytes proven, its objects in the store.
 *
 * @param sizeBytes length on the wire
 * @param ingest the history, checked and ready to be written
 * @param objects ids of its objects
 * @param stored those that had no row yet
 * @param known number of those that had one
 */
record Unpacked(
    String repoId,
    ContentId bundle,
    long sizeBytes,
    History history,
    Ingest ingest,
    Set<ContentId> objects,
    Collection<ObjectRows.Stored> stored,
    int known) {}
