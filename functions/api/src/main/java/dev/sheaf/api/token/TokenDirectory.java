package dev.sheaf.api.token;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.SheafException;
import dev.sheaf.repository.token.TokenEntry;
import dev.sheaf.repository.token.TokenList;
import dev.sheaf.repository.token.TokenMint;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of a site, read again from time to time so that a revoked one stops and a new one
 * works without a deployment.
 *
 * <p>A list that cannot be read while an older one is known leaves the older one in force; with
 * none known the failure goes to the caller.
 */
public final class TokenDirectory {
  private static final Logger LOG = LoggerFactory.getLogger(TokenDirectory.class);

  /** How long a revoked token may go on. */
  static final Duration RELOAD = Duration.ofSeconds(60);

  /** A token that is unknown may be new; but guessing must not read the secret each time. */
  static final Duration RELOAD_FOR_UNKNOWN = Duration.ofSeconds(5);

  private final Supplier<String> source;
  private final LongSupplier nanoTime;

  private List<TokenEntry> entries = List.of();
  private long readAt;
  private boolean known;

  /**
   * @param source reads the stored list, a JSON array
   * @param nanoTime ages what was read
   */
  public TokenDirectory(Supplier<String> source, LongSupplier nanoTime) {
    this.source = source;
    this.nanoTime = nanoTime;
  }

  /** The bearer of a token, if the site knows the token. */
  public synchronized Optional<Caller> caller(String token) {
    ContentId hash = TokenMint.hash(token);
    refresh(RELOAD);
    Optional<Caller> caller = find(hash);
    if (caller.isPresent() || !refresh(RELOAD_FOR_UNKNOWN)) {
      return caller;
    }
    return find(hash);
  }

  /** Compares with every entry in full, so that the time taken says nothing about any of them. */
  private Optional<Caller> find(ContentId hash) {
    byte[] wanted = hash.toBytes();
    @Nullable TokenEntry found = null;
    for (TokenEntry entry : entries) {
      if (MessageDigest.isEqual(wanted, entry.hash().toBytes())) {
        found = entry;
      }
    }
    return Optional.ofNullable(found)
        .map(entry -> new Caller(entry.name(), entry.scopes(), entry.repos(), entry.host()));
  }

  private boolean refresh(Duration age) {
    long now = nanoTime.getAsLong();
    if (known && now - readAt < age.toNanos()) {
      return false;
    }
    try {
      entries = TokenList.parse(source.get());
    } catch (SheafException e) {
      if (!known) {
        throw e;
      }
      LOG.warn("[api] the token list cannot be read again, the one known stays in force", e);
    }
    known = true;
    readAt = now;
    return true;
  }
}
