package dev.sheaf.api.wiring;

import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.ops.OpsOptions;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the api function stands on. Clients are suppliers: a request pays only for those that it
 * uses, and making them is most of a cold start.
 *
 * @param followQueue that of peer-sync, where there are peers
 * @param bundleReader asked for when a bundle is decoded, and at no other time
 * @param readNowBytes a bundle up to this size is readable as soon as it is announced
 * @param spoolDirectory where temporary files go
 * @param ids makes ids that never repeat
 * @param nanoTime measures durations
 * @param ops what the site knows of itself and its peers
 * @param keepsBundle which bundles this site is to have, of those that its peers have too
 * @param tables those whose records travel between sites
 * @param random random parts of positions in the log
 */
public record ApiPorts(
    Supplier<Catalog> catalog,
    Supplier<ObjectStore> store,
    Supplier<JobQueue> queue,
    Supplier<JobQueue> followQueue,
    Supplier<BundleReader> bundleReader,
    TokenDirectory tokens,
    long readNowBytes,
    Path spoolDirectory,
    InstantSource clock,
    Supplier<String> ids,
    LongSupplier nanoTime,
    OpsOptions ops,
    Predicate<ContentId> keepsBundle,
    List<RegisteredTable> tables,
    Supplier<RandomGenerator> random) {}
