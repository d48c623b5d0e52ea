package dev.sheaf.repository;

import org.jspecify.annotations.Nullable;

/**
 * A repository's row.
 *
 * @param repoId its opaque id, which never changes
 * @param owner first segment of its URL
 * @param name second segment of its URL
 * @param isPublic whether it may be read without a token
 * @param defaultBranch what a clone checks out; null until the first push
 */
public record Repo(
    String repoId, String owner, String name, boolean isPublic, @Nullable String defaultBranch) {}
