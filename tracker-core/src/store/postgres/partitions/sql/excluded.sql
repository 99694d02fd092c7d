(
            -- Two ranges of IDs, of partitions without a matching row. A range that begins with
            -- NULL is empty, and one that ends with NULL has no end.
            ({1}::text IS NULL OR action_id < {1} OR action_id >= {2})
            AND ({3}::text IS NULL OR action_id < {3} OR action_id >= {4})
        )