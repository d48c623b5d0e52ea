package dev.sheaf.cli.bundling;

import dev.sheaf.bundle.ContentId;
import java.nio.file.Path;

/**
 * A bundle in a file.
 *
 * @param file where it is
 * @param id its name: SHA-256 of the file
 * @param sizeBytes length of the file
 * @param commits number of commits
 * @param snapshots number of snapshots
 * @param objects number of objects
 */
public record BuiltBundle(
    Path file, ContentId id, long sizeBytes, long commits, long snapshots, long objects) {}
