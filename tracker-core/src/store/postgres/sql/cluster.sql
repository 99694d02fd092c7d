        (SELECT system_identifier FROM pg_control_system()),
        -- The timeline. The names of WAL files have a new one at once, while the last checkpoint
        -- may be of the previous one. A standby can't compute names.
        CASE
            WHEN pg_is_in_recovery() THEN (
                SELECT greatest(checkpoint.timeline_id, recovery.min_recovery_end_timeline)
                FROM pg_control_checkpoint() AS checkpoint, pg_control_recovery() AS recovery
            )
            ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
        END
