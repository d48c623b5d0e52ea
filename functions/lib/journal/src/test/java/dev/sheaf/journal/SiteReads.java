package dev.sheaf.journal;

import dev.sheaf.bundle.SheafException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The typed reads over a site's replica. */
final class SiteReads extends StateReads {
  private final Site site;

  SiteReads(Site site) {
    this.site = site;
  }

  @Override
  <T> T read(Function<State, T> query) {
    return site.replica.read(query);
  }

  @Override
  public void apply(List<Operation> operations) {
    site.apply(operations);
  }

  @Override
  public void flush() {
    site.flush();
  }

  @Override
  public void flush(Duration limit) {
    site.flush();
  }

  @Override
  public boolean refresh(Duration maxAge) {
    site.flush();
    return true;
  }

  @Override
  public Optional<SheafException> lastFailure() {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
