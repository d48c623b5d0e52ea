package dev.sheaf.catalogrole;

import dev.sheaf.localstack.servers.postgres.PostgresServer;
import dev.sheaf.storage.catalog.Rows;
import dev.sheaf.storage.catalog.Statement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A Postgres with a database whose owner is as Aurora's master is: no superuser, but somebody who
 * makes roles and databases.
 */
final class RoleDatabase implements AutoCloseable {
  static final String MASTER = "master";

  private final PostgresServer server;

  RoleDatabase() throws Exception {
    this.server = PostgresServer.temporary();
    server.createDatabase("sheaf");
    execute("create role master login createrole createdb");
    execute("alter database sheaf owner to master");
  }

  JdbcCatalog as(String user) {
    try {
      return new JdbcCatalog(DriverManager.getConnection(server.superuserUrl("sheaf")), user);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  Rows execute(String sql) {
    return as("postgres").execute(Statement.of(sql));
  }

  /** One value of one row, as text. */
  String value(String sql) {
    return execute("select cast((" + sql + ") as text) as value")
        .first()
        .orElseThrow()
        .text("value");
  }

  /** Whether a role would be let in with a password: by what Postgres keeps of it (RFC 5803). */
  boolean opens(String role, String password) throws GeneralSecurityException {
    String kept = value("select rolpassword from pg_authid where rolname = '" + role + "'");
    String[] parts = kept.split("[$:]", -1);
    PBEKeySpec spec =
        new PBEKeySpec(
            password.toCharArray(),
            Base64.getDecoder().decode(parts[2]),
            Integer.parseInt(parts[1]),
            256);
    byte[] salted =
        SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(salted, "HmacSHA256"));
    byte[] serverKey = mac.doFinal("Server Key".getBytes(StandardCharsets.US_ASCII));
    return Arrays.equals(serverKey, Base64.getDecoder().decode(parts[4]));
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
