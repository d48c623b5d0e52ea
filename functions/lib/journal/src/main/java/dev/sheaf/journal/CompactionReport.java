package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import java.util.Optional;

/**
 * What a compaction did to one namespace.
 *
 * @param segments segments that were listed first, folded ones included
 * @param folded segments that this run folded into the rollup
 * @param deleted segments that this run deleted
 * @param stateBytes length of the rollup in bytes, at the end
 * @param requests requests made
 * @param lostElections folds that another compactor was faster with; harmless
 * @param probed whether an empty segment was written to advance the store's clock
 * @param failure what stopped the run; CORRUPT names an object that an operator has to look at
 */
public record CompactionReport(
    Namespace namespace,
    int segments,
    int folded,
    int deleted,
    long stateBytes,
    long requests,
    int lostElections,
    boolean probed,
    Optional<SheafException> failure) {}
