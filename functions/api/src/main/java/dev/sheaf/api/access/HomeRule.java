package dev.sheaf.api.access;

import dev.sheaf.repository.Homes;
import dev.sheaf.repository.NotHomeException;
import dev.sheaf.repository.Repo;
import java.util.function.Supplier;

/**
 * Where a repository is written. Asked before anything is uploaded, so that nobody sends what must
 * be refused; what decides is asked again under the repository's lock.
 *
 * @param self this site's URL
 * @param hasPeers whether there are other sites: without any, everything is written here, and
 *     nobody is asked
 */
public record HomeRule(String self, boolean hasPeers, Supplier<Homes> homes) {
  /**
   * Refuses a repository whose home is another site.
   *
   * @throws NotHomeException naming it
   */
  void requireHere(Repo repo) {
    if (!hasPeers) {
      return;
    }
    homes
        .get()
        .of(repo.repoId())
        .site()
        .filter(home -> !home.equals(self))
        .ifPresent(home -> {
          throw new NotHomeException(repo.path(), home);
        });
  }
}
