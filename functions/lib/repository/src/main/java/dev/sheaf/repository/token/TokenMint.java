package dev.sheaf.repository.token;

import dev.sheaf.bundle.ContentId;
import dev.sheaf.bundle.history.Ids;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes new tokens. */
public final class TokenMint {
  private static final String PREFIX = "sheaf_";
  private static final int RANDOM_BYTES = 32;

  private final RandomGenerator random;

  /**
   * @param random must be unpredictable: a {@link java.security.SecureRandom}
   */
  public TokenMint(RandomGenerator random) {
    this.random = random;
  }

  /**
   * A new token.
   *
   * @param token shown once, to its bearer; it cannot be had from the entry
   * @param entry goes into the site's list
   */
  public record Minted(String token, TokenEntry entry) {}

  /** Mints a token of 256 random bits. */
  public Minted mint(String name, Set<Scope> scopes, List<RepoGlob> repos, @Nullable String host) {
    byte[] secret = new byte[RANDOM_BYTES];
    random.nextBytes(secret);
    String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    return new Minted(token, new TokenEntry(name, hash(token), scopes, repos, host));
  }

  /**
   * What a site stores in place of a token. A slow hash would protect 256 random bits no better.
   */
  public static ContentId hash(String token) {
    return Ids.object(token.getBytes(StandardCharsets.UTF_8));
  }
}
