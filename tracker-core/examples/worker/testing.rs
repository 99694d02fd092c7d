//! A project for tests, in a directory that goes with it.

use tempfile::TempDir;

use crate::SAMPLE_REQUEST;
use crate::container_session::ContainerSession;
use crate::database_provisioner::DatabaseProvisioner;
use crate::development_database::DevelopmentDatabase;
use crate::job_directory::JobDirectory;
use crate::request::Request;

pub struct TestProject {
    pub session: ContainerSession,
    pub database: DevelopmentDatabase,
    _workdir: TempDir,
}

impl TestProject {
    /// The sample request's project, as far as its database.
    pub async fn create() -> Self {
        let workdir = tempfile::tempdir().unwrap();
        let session =
            ContainerSession::start(JobDirectory::create(workdir.path()).unwrap()).unwrap();
        let tables = Request::from_json(SAMPLE_REQUEST).unwrap().tables;
        let database = DatabaseProvisioner::new(&session)
            .create_database(&tables)
            .await
            .unwrap();
        Self {
            session,
            database,
            _workdir: workdir,
        }
    }
}
