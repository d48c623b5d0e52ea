package dev.sheaf.cli.git;

import dev.sheaf.bundle.RefName;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a repository here.
 *
 * @param refs what each names, in git's order; symbolic ones by what they lead to
 * @param head null when it names no branch: something outside of refs/heads, or nothing
 * @param stay names of those that are about this copy alone, the damaged ones among them as well
 */
public record LocalRefs(
    SortedMap<RefName, GitId> refs, @Nullable Head head, SortedSet<String> stay) {}
