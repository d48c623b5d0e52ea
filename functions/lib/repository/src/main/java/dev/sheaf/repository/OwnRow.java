package dev.sheaf.repository;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.ops.RegisteredTable;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.Statement;
import java.util.Optional;

/** A row as the record that travels. */
final class OwnRow {
  static final ObjectMapper JSON = JsonMapper.builder().build();

  private OwnRow() {}

  /** A repository. */
  static Optional<ObjectNode> repo(Catalog catalog, RegisteredTable repos, String repoId) {
    return read(
        catalog,
        repos,
        Statement.of(
                "select %s::text as record from %s r where repo_id = :repo"
                    .formatted(repos.record("r."), repos.name()))
            .text("repo", repoId));
  }

  /** A branch of a repository. */
  static Optional<ObjectNode> branch(
      Catalog catalog, RegisteredTable table, String repoId, String name) {
    return read(
        catalog,
        table,
        Statement.of(
                "select to_jsonb(r)::text as record from %s r where repo_id = :repo and name = :name"
                    .formatted(table.name()))
            .text("repo", repoId)
            .text("name", name));
  }

  /**
   * A ref of a git repository.
   *
   * @param name its bytes in hex
   */
  static Optional<ObjectNode> gitRef(
      Catalog catalog, RegisteredTable table, String repoId, String name) {
    return read(
        catalog,
        table,
        Statement.of(
                """
                select %s::text as record from git_refs r
                where repo_id = :repo and name = decode(:name, 'hex')
                """
                    .formatted(table.record("r.")))
            .text("repo", repoId)
            .text("name", name));
  }

  private static Optional<ObjectNode> read(
      Catalog catalog, RegisteredTable table, Statement statement) {
    return catalog.execute(statement).first().map(row -> registered(table, row.text("record")));
  }

  private static ObjectNode registered(RegisteredTable table, String row) {
    JsonNode all = json(row);
    ObjectNode record = JSON.createObjectNode();
    table.columns().forEach(column -> record.set(column.name(), all.path(column.name())));
    return record;
  }

  /** JSON as Postgres wrote it. */
  static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Postgres wrote what is no JSON", e);
    }
  }
}
