package dev.sheaf.localstack.servers.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sheaf.localstack.servers.access.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who may connect to a cluster: its superuser, for what only that one can do, and the role that the
 * functions have, which owns their databases and is nothing beyond that (it runs no programs and
 * reads no files of the server). Both passwords are drawn at every start and written nowhere: the
 * cluster gets no more than what checks them, before it listens to anybody.
 */
record Roles(String superuserPassword, String functionsPassword) {
  static final String SUPERUSER = "postgres";

  /** As on AWS for a site called main. */
  static final String FUNCTIONS = "sheaf_main";

  private static final int PASSWORD_BYTES = 24;
  private static final int SALT_BYTES = 16;

  /** The least that clients take; the passwords are random, more would protect nothing. */
  private static final int ITERATIONS = 4096;

  static Roles draw(RandomGenerator random) {
    return new Roles(password(random), password(random));
  }

  private static String password(RandomGenerator random) {
    byte[] drawn = new byte[PASSWORD_BYTES];
    random.nextBytes(drawn);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(drawn);
  }

  /** A role of a site for itself, and the password of this run. */
  record SiteRole(String name, String password) {
    /** Draws the password; the cluster does not know it yet. */
    static SiteRole draw(String site, RandomGenerator random) {
      return new SiteRole("sheaf_" + site, Roles.password(random));
    }

    /** What gives a cluster that runs this role and its password. */
    List<String> statements(RandomGenerator random) {
      return definition(name, password, random);
    }

    /** Without the password. */
    @Override
    public String toString() {
      return name;
    }
  }

  /** Gives a cluster that does not run these passwords, and lets nobody in without one. */
  void install(Binaries binaries, Unprivileged unprivileged, Path data, RandomGenerator random)
      throws IOException {
    Path rules = data.resolve("pg_hba.conf");
    PrivateFiles.write(rules, "host all all 127.0.0.1/32 scram-sha-256\n".getBytes(UTF_8));
    unprivileged.own(rules);
    // One statement a line, which is how a single backend reads them.
    unprivileged.run(
        List.of(
            binaries.programs().resolve("postgres").toString(),
            "--single",
            "-D",
            data.toString(),
            "-c",
            "exit_on_error=true",
            "-c",
            "log_min_messages=error",
            SUPERUSER),
        String.join("\n", statements(random)) + "\n");
  }

  private List<String> statements(RandomGenerator random) {
    List<String> statements = new ArrayList<>();
    statements.add(
        "alter role %s password '%s'".formatted(SUPERUSER, verifier(superuserPassword, random)));
    statements.addAll(definition(FUNCTIONS, functionsPassword, random));
    statements.add("revoke connect on database postgres, template1 from public");
    return statements;
  }

  /** An ordinary role that may log in with a password, whether it was there or not. */
  private static List<String> definition(String role, String password, RandomGenerator random) {
    return List.of(
        """
        do $$ begin if not exists (select from pg_roles where rolname = '%1$s') \
        then create role %1$s; end if; end $$\
        """
            .formatted(role),
        "alter role %s login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '%s'"
            .formatted(role, verifier(password, random)));
  }

  /** What the server keeps of a password, in the form of {@code pg_authid}: RFC 5803. */
  private static String verifier(String password, RandomGenerator random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    try {
      byte[] salted =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
              .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, 256))
              .getEncoded();
      byte[] stored = MessageDigest.getInstance("SHA-256").digest(hmac(salted, "Client Key"));
      Base64.Encoder base64 = Base64.getEncoder();
      return "SCRAM-SHA-256$%d:%s$%s:%s"
          .formatted(
              ITERATIONS,
              base64.encodeToString(salt),
              base64.encodeToString(stored),
              base64.encodeToString(hmac(salted, "Server Key")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK has them
    }
  }

  private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }

  /** What makes the functions' role the owner of a database of an earlier version. */
  static List<String> handOver(String database) {
    String relations =
        """
        do $$ declare r record; begin
          for r in select c.oid::regclass as name from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
              and c.relowner <> '%1$s'::regrole
          loop execute format('alter table %%s owner to %1$s', r.name); end loop;
        end $$
        """
            .formatted(FUNCTIONS);
    return Arrays.asList("alter database " + database + " owner to " + FUNCTIONS, relations);
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return "Roles";
  }
}
