package dev.sheaf.repository.git;

import dev.sheaf.git.GitStorage;
import dev.sheaf.git.PackLimits;
import dev.sheaf.repository.SiteLog;
import dev.sheaf.storage.ObjectStore;
import dev.sheaf.storage.catalog.Catalog;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * What git pushes stand on.
 *
 * @param store where packs are put
 * @param storage reads the packs that are there; one for the process, as it caches
 * @param temp where a pack lies while it is taken in
 * @param limits what a pack may be
 * @param time stamps rows
 * @param log tells peers of what is changed
 */
public record GitPorts(
    Catalog catalog,
    ObjectStore store,
    GitStorage storage,
    Path temp,
    PackLimits limits,
    InstantSource time,
    SiteLog log) {}
