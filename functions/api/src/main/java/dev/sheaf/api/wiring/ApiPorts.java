package dev.sheaf.api.wiring;

import dev.sheaf.api.token.TokenDirectory;
import dev.sheaf.bundle.codec.BundleReader;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.queue.JobQueue;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the api function stands on. Clients are suppliers: a request pays only for those that it
 * uses, and making them is most of a cold start.
 *
 * @param bundleReader asked for when a bundle is decoded, and at no other time
 * @param readNowBytes a bundle up to this size is readable as soon as it is announced
 * @param spoolDirectory where temporary files go
 * @param ids makes ids that never repeat
 * @param nanoTime measures durations
 */
public record ApiPorts(
    Supplier<Catalog> catalog,
    Supplier<ObjectStore> store,
    Supplier<JobQueue> queue,
    Supplier<BundleReader> bundleReader,
    TokenDirectory tokens,
    long readNowBytes,
    Path spoolDirectory,
    InstantSource clock,
    Supplier<String> ids,
    LongSupplier nanoTime) {}
