package dev.sheaf.storage.rds;

import dev.sheaf.localstack.servers.LocalServers;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.CatalogContract;
import dev.sheaf.storage.wiring.Site;

/** The contract, by the real adapter against a local Data API over a real Postgres. */
class DataApiCatalogTest extends CatalogContract {
  @Override
  protected Catalog emptyCatalog() throws Exception {
    return Site.from(LocalServers.shared().newSite()).catalog();
  }
}
