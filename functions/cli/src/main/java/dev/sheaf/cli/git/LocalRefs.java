package dev.sheaf.cli.git;

import dev.sheaf.bundle.RefName;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The refs of a repository here.
 *
 * @param refs what each names, in git's order; symbolic ones by what they lead to
 * @param head null when it names no branch: something outside of refs/heads, or nothing
 */
public record LocalRefs(SortedMap<RefName, GitId> refs, @Nullable Head head) {}
