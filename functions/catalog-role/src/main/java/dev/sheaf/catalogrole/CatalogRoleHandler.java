package dev.sheaf.catalogrole;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sheaf.storage.wiring.CatalogUsers;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the catalog's role. Input: CloudFormation's request for a custom resource, which is
 * answered; or any other object, after a new password was put into the role's secret. Output: the
 * role's name.
 *
 * <p>Lambda repeats an invocation that fails, CloudFormation's are asynchronous; so only an answer
 * that does not arrive fails one.
 */
public final class CatalogRoleHandler
    implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogRoleHandler.class);

  private final String role;
  private final CatalogRole catalogRole;
  private final Supplier<String> secret;

  /** For Lambda: configured by the process's environment. */
  public CatalogRoleHandler() {
    this(CatalogUsers.from(System.getenv()));
  }

  private CatalogRoleHandler(CatalogUsers users) {
    this(users.role(), new CatalogRole(users.asMaster(), users.asRole()), users::roleSecret);
  }

  /**
   * @param secret reads the role's secret: JSON with a {@code password}
   */
  CatalogRoleHandler(String role, CatalogRole catalogRole, Supplier<String> secret) {
    this.role = role;
    this.catalogRole = catalogRole;
    this.secret = secret;
  }

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    return handle(event);
  }

  Map<String, Object> handle(Map<String, Object> event) {
    StackRequest request = StackRequest.of(event);
    if (request.deletes()) {
      // The role owns tables that may outlive the stack.
      request.succeed(role);
      return Map.of("role", role);
    }
    try {
      catalogRole.make(role, password());
    } catch (RuntimeException e) {
      LOG.error("role {} was not made", role, e);
      if (request.answerTo().isEmpty()) {
        throw e;
      }
      request.fail(role, "role %s was not made: %s".formatted(role, e.getMessage()));
      return Map.of("failed", role);
    }
    LOG.info("role {} is there, with the password of its secret", role);
    request.succeed(role);
    return Map.of("role", role);
  }

  private String password() {
    try {
      String password = new ObjectMapper().readTree(secret.get()).path("password").asText();
      if (!password.isEmpty()) {
        return password;
      }
    } catch (JsonProcessingException e) {
      LOG.debug("no JSON", e);
    }
    throw new IllegalStateException(
        "the role's secret is not as it should be: {\"username\": \"...\", \"password\": \"...\"}");
  }
}
