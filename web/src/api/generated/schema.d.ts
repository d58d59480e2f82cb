// Generated from docs/reference/openapi/portal.json by `npm run gen`.

export interface paths {
    "/auth/permissions/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the caller may do something. */
        get: {
            parameters: {
                query: {
                    /** @description `Organisation`, `Workspace`, `Topic`, `Deployment`, `Application`, `Tokens` or `Profile`. */
                    resourceType: string;
                    /** @description The workspace's id, or that of one of its objects after it; not needed for organisation and profile. */
                    resourceId?: string;
                    /** @description `Create`, `Read`, `Update`, `Delete` or `Write`. */
                    permission: string;
                };
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": boolean;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs a browser in by a one-time link: the answer sets the session's cookie. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["SignIn"];
                };
            };
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description The link is used, expired or unknown */
                401: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        /** Signs the browser out. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Session"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/token/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the caller's token says about itself. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TokenDetails"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks for a deployment: it is built when needed, then started. Topics of its variables are made when missing. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["WantedDeployment"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One deployment. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Ends its replicas and removes it, with its logs and state. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /**
         * Changes a deployment: only what is sent. A git reference, even the same, is resolved anew. What runs goes on until
         *     the change stands ready.
         */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["WantedDeployment"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/deployments/{deploymentId}/buildlogs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The build log of the version that should run; 204 before the build begins. */
        get: {
            parameters: {
                query?: {
                    /** @description One replica: its number, or its name, which ends in the number. */
                    replicaId?: string;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The consumer groups that a deployment's replicas have joined or committed for, at each of their topics. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsumerGroup"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole kept output of all runs in the order of time; 204 when there is none. */
        get: {
            parameters: {
                query?: {
                    /** @description One replica: its number, or its name, which ends in the number. */
                    replicaId?: string;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The end of the output of the newest runs, at most 64 KiB a replica; 204 when there is none. */
        get: {
            parameters: {
                query?: {
                    /** @description One replica: its number, or its name, which ends in the number. */
                    replicaId?: string;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole kept output as a file: of all replicas, merged by time, or of those that are asked for. */
        get: {
            parameters: {
                query?: {
                    /** @description Number of the replica. */
                    replica?: number;
                    version?: number;
                    /** @description Run of the replica. */
                    attempt?: number;
                    /** @description RFC 3339; not before. */
                    from?: string;
                    /** @description RFC 3339; before. */
                    to?: string;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                    /** @description `run`, or `build` for a build log. */
                    source?: "run" | "build";
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/history/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The whole kept output of a time as a file, merged by time. */
        get: {
            parameters: {
                query?: {
                    /** @description Starts each line with its time. */
                    includeTimestamp?: boolean;
                    /** @description RFC 3339; not before. */
                    startTime?: string;
                    /** @description RFC 3339; before. */
                    endTime?: string;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/history/filter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lines of a time, in either order. */
        get: {
            parameters: {
                query?: {
                    /** @description One run. */
                    instanceId?: string;
                    /** @description One replica: its number, or its name, which ends in the number. */
                    replicaId?: string;
                    /** @description Nanoseconds since 1970; not before. */
                    start?: number;
                    /** @description Nanoseconds since 1970; before. */
                    end?: number;
                    /** @description `Backward` or `Forward`. */
                    direction?: string;
                    /** @description 1 to 10000; 1000. */
                    limit?: number;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogHistory"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/history/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The times of which output is kept, by run. */
        get: {
            parameters: {
                query?: {
                    /** @description Only of these runs, separated by commas. */
                    streams?: string;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogStats"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of the whole kept output, oldest line first; 204 after the last page. */
        get: {
            parameters: {
                query?: {
                    /** @description From 1, which has the oldest lines. */
                    pageNumber?: number;
                    /** @description 1 to 10000; 1000. */
                    linesPerPage?: number;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/logs/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Looks for lines in all output that is kept, over runs and replicas, in the order of time.
         * @description A call looks through what about a second allows and answers at most some megabytes; `cursor` goes on.
         */
        get: {
            parameters: {
                query?: {
                    /** @description Lines that hold this. */
                    text?: string;
                    /** @description Lines that this regular expression matches, in place of `text`. */
                    regex?: string;
                    /** @description Whether capital letters differ from small ones. */
                    caseSensitive?: boolean;
                    /** @description Lines that are this loud or louder. */
                    level?: "error" | "warning" | "info" | "debug";
                    /** @description RFC 3339; not before. */
                    from?: string;
                    /** @description RFC 3339; before. */
                    to?: string;
                    version?: number;
                    /** @description Number of the replica. */
                    replica?: number;
                    /** @description Run of the replica. */
                    attempt?: number;
                    /** @description `run`, or `build` for a build log. */
                    source?: "run" | "build";
                    /** @description `backward`: the newest line first. */
                    direction?: "backward" | "forward";
                    /** @description Lines on both sides of each that is found, up to 10. */
                    context?: number;
                    /** @description 1 to 1000; 100. */
                    limit?: number;
                    /** @description Where an earlier call stopped. */
                    cursor?: string;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["LogSearch"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a deployment used, and how far behind it was. */
        get: {
            parameters: {
                query?: {
                    /** @description From when (RFC 3339); an hour before the end. */
                    from?: string;
                    /** @description Until when; now. */
                    to?: string;
                    /** @description Points of a series at most, 10 to 2000; 300. */
                    points?: number;
                };
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Metrics"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/replicas": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its replicas as they are. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Replica"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Has a version of before run again, its code, variables and limits together, as a new version. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["RollBack"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The runs whose output is kept, oldest first, also of replicas that are gone. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Run"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/runs/{runId}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The kept output of one run. */
        get: {
            parameters: {
                query?: {
                    /** @description One replica: its number, or its name, which ends in the number. */
                    replicaId?: string;
                    /** @description Starts each line with its time. */
                    timestamps?: boolean;
                };
                header?: never;
                path: {
                    deploymentId: string;
                    runId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "text/plain": string;
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Starts it; a job runs once more. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Ends its replicas. */
        put: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"];
                    };
                };
            };
        };
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its versions, newest first. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    deploymentId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["DeploymentVersion"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/deployments/{deploymentId}/versions/{version}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What differs from another version to this one: settings, and files of the application. */
        get: {
            parameters: {
                query: {
                    /** @description The version to compare with. */
                    against: number;
                };
                header?: never;
                path: {
                    deploymentId: string;
                    version: number;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["VersionChanges"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is calling. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Profile"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's own tokens. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Token"][];
                    };
                };
            };
        };
        put?: never;
        /** Makes a token that acts for the caller. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateToken"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CreatedToken"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tokens/{tokenId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a token, at once: an SDK token, one's own, or as an administrator anybody's. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    tokenId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The workspaces that the caller can read; an SDK token reads one. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path?: never;
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Workspace"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{workspaceId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One workspace. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Workspace"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{workspaceId}/broker/librdkafka": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The broker connection as librdkafka options, and nothing but connection options; `ssl.ca.cert` is the CA's PEM in
         *     Base64.
         */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": {
                            [key: string]: string;
                        };
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{workspaceId}/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The broker's CA certificate: a zip with `ca.cert`, or nothing (204) when the broker needs none. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/zip": number[];
                    };
                };
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{workspaceId}/deployments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The deployments of a workspace, by name. */
        get: {
            parameters: {
                query?: {
                    /** @description Only those of this application. */
                    applicationId?: string;
                };
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Deployment"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/workspaces/{workspaceId}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A workspace's SDK tokens. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Token"][];
                    };
                };
            };
        };
        put?: never;
        /** Makes an SDK token: for code that streams. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateToken"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["CreatedToken"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The applications of a workspace, by name. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"][];
                    };
                };
            };
        };
        put?: never;
        /** Commits a folder with an `app.yaml` and a first program to the workspace's branch. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateApplication"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/applications/{applicationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One application. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    applicationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Application"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Removes the folder by a commit. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    applicationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Deployments run it */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/applications/{applicationId}/commits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Commits that touched the folder, newest first. */
        get: {
            parameters: {
                query?: {
                    /** @description A commit, tag or branch; the workspace's branch when not given. */
                    gitReference?: string;
                    /** @description 1 to 1000; 50 when not given. */
                    limit?: number;
                };
                header?: never;
                path: {
                    workspaceId: string;
                    applicationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Commit"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/applications/{applicationId}/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The folder's files, relative to it. */
        get: {
            parameters: {
                query?: {
                    /** @description A commit, tag or branch; the workspace's branch when not given. */
                    gitReference?: string;
                    /** @description 1 to 1000; 50 when not given. */
                    limit?: number;
                };
                header?: never;
                path: {
                    workspaceId: string;
                    applicationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["File"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/applications/{applicationId}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tags of the repository. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    applicationId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Tag"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/groups/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a consumer group that nobody is in, with its positions. Its name may leave out the workspace. */
        delete: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    group: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description It has members */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/groups/{group}/offsets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a consumer group that nobody is in go on elsewhere in a topic. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    group: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["ResetOffsets"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsumerGroup"];
                    };
                };
                /** @description It has members */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The topics of a workspace, by name. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Topic"][];
                    };
                };
            };
        };
        put?: never;
        /** Asks for a topic. It is visible at once and usually ready within milliseconds. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["CreateTopic"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Topic"];
                    };
                };
                /** @description Also when the name is taken */
                400: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/config/default": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a topic gets where its maker says nothing. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TopicConfiguration"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/metrics/all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Traffic of all topics of a workspace, over the last seconds. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["TopicMetrics"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One topic, by its name or full id. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Topic"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        /** Removes a topic and its records. */
        delete: {
            parameters: {
                query?: {
                    /** @description Delete although deployments use it. */
                    force?: boolean;
                };
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Deployments use it */
                409: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        options?: never;
        head?: never;
        /** Changes a topic: only what is sent. */
        patch: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": components["schemas"]["UpdateTopic"];
                };
            };
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Topic"];
                    };
                };
            };
        };
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}/clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Removes the records and keeps the topic. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                204: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}/clear-error": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries a topic in error again at once. */
        post: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Topic"];
                    };
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The consumer groups that read a topic, with what each has not read yet. */
        get: {
            parameters: {
                query?: never;
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["ConsumerGroup"][];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Some messages of a topic, oldest first. */
        get: {
            parameters: {
                query?: {
                    /** @description `newest` (the default), `oldest`, or a time (RFC 3339). */
                    from?: string;
                    /** @description A partition, together with `offset`. */
                    partition?: number;
                    /** @description First offset, together with `partition`. */
                    offset?: number;
                    /** @description 1 to 1000; 50 when not given. */
                    limit?: number;
                };
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": Record<string, never>[];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{workspaceId}/topics/{topic}/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a topic carried. */
        get: {
            parameters: {
                query?: {
                    /** @description From when (RFC 3339); an hour before the end. */
                    from?: string;
                    /** @description Until when; now. */
                    to?: string;
                    /** @description Points of a series at most, 10 to 2000; 300. */
                    points?: number;
                };
                header?: never;
                path: {
                    workspaceId: string;
                    topic: string;
                };
                cookie?: never;
            };
            requestBody?: never;
            responses: {
                200: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content: {
                        "application/json": components["schemas"]["Metrics"];
                    };
                };
            };
        };
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description An application. */
        Application: {
            applicationId: string;
            applicationName: string;
            createdAt: string;
            defaultFile?: string | null;
            dockerfile?: string | null;
            errorMessage?: string | null;
            includedFolders: string[];
            language: string;
            lastCommit?: components["schemas"]["Commit"] | null;
            name: string;
            /** @description The folder, from the repository's root. */
            path: string;
            /** Format: int64 */
            revision: number;
            runEntryPoint?: string | null;
            /** @description `Ready`, or `Error` when `app.yaml` cannot be read. */
            status: string;
            updatedAt: string;
            /** @description `{name, inputType, description?, defaultValue?, required, multiline?, options?}`. */
            variables: Record<string, never>[];
            workspaceId: string;
        };
        /** @description How clients of the 0.5 generation connect. */
        Broker: {
            address: string;
            hasCertificate: boolean;
            password: string;
            /** @description `ScramSha256`. */
            saslMechanism: string;
            /** @description `Sasl` or `SaslSsl`. */
            securityMode: string;
            username: string;
        };
        BrokerSettings: {
            brokerType: string;
            syncTopics: boolean;
        };
        /** @description Who did something, and when. */
        By: {
            /** @description RFC 3339, UTC. */
            dateTime: string;
            email: string;
            firstName: string;
            lastName: string;
            userId: string;
        };
        /** @description A commit. */
        Commit: {
            authorEmail?: string | null;
            authorName: string;
            createdAt: string;
            message: string;
            reference: string;
        };
        /** @description A consumer group at a topic. */
        ConsumerGroup: {
            /** @description Deployments whose replicas have joined it or committed for it, the latest last. */
            deploymentIds: string[];
            /** @description The broker's name of it: `{workspaceId}-…`. */
            group: string;
            /**
             * Format: int64
             * @description Records that it is behind, over the partitions in which it has a position; null when it has none in this topic.
             */
            lag?: number | null;
            /** @description How many members it has, at whatever topic they work. */
            members: number;
            partitions: components["schemas"]["ConsumerGroupPartition"][];
            /** @description `Stable`, `Empty`, `PreparingRebalance` or `CompletingRebalance`. */
            state: string;
            /** @description The topic's name. */
            topic: string;
        };
        /** @description How far a consumer group is in a partition. */
        ConsumerGroupPartition: {
            clientId?: string | null;
            /**
             * Format: int64
             * @description The next offset that it will read; null before it has committed one.
             */
            committed?: number | null;
            /** @description The deployment whose replica that is, and its number. */
            deploymentId?: string | null;
            /**
             * Format: int64
             * @description The offset up to which readers of what is committed come.
             */
            end: number;
            /**
             * Format: int64
             * @description Records between the two.
             */
            lag?: number | null;
            /** @description The member that works on it. */
            memberId?: string | null;
            /** Format: int32 */
            partition: number;
            /** Format: int32 */
            replica?: number | null;
        };
        /** @description An application to be made by a commit. */
        CreateApplication: {
            applicationName: string;
            /** @description `Python`, `Node`, … */
            language?: string | null;
            /** @description Its folder; made of the name when not given. */
            path?: string | null;
        };
        /** @description A token to be made. */
        CreateToken: {
            /** @description RFC 3339; none is never. */
            expiresAt?: string | null;
            name: string;
            /** @description A personal token's: at most the caller's own. */
            role?: string | null;
        };
        /** @description A topic to be made. */
        CreateTopic: {
            configuration?: components["schemas"]["WantedTopicConfiguration"] | null;
            /** @description Letters, digits, `.`, `_` and `-`; a full topic id is understood too. */
            name: string;
        };
        /** @description A token with its secret. */
        CreatedToken: components["schemas"]["Token"] & {
            /** @description The secret, shown this once. */
            value: string;
        };
        /** @description A deployment. */
        Deployment: components["schemas"]["DeploymentSettings"] & {
            applicationId: string;
            applicationIsMissing: boolean;
            applicationName: string;
            buildId?: string | null;
            createdAt: string;
            createdBy?: components["schemas"]["By"] | null;
            deploymentId: string;
            /** @description Whether it should run. */
            desiredRunning: boolean;
            /** @description The folder at the head of the branch differs from what runs. */
            latestOutOfSync: boolean;
            name: string;
            /** @description When a job's schedule has it run next. */
            nextRunAt?: string | null;
            /** @description By host. */
            publicUrl?: string | null;
            /** @description By host, then by path. */
            publicUrls: string[];
            /** Format: int32 */
            restartCount: number;
            /**
             * Format: int64
             * @description Grows with each change, of its status too.
             */
            revision: number;
            rollback?: components["schemas"]["Rollback"] | null;
            /** Format: int32 */
            runningReplicas: number;
            /**
             * Format: int32
             * @description The version whose replicas serve.
             */
            runningVersion?: number | null;
            startedAt?: string | null;
            /**
             * @description `QueuedForBuild`, `Building`, `BuildFailed`, `BuildSuccessful`, `QueuedForDeployment`, `Deploying`,
             *     `DeploymentFailed`, `Starting`, `Running`, `RuntimeError`, `Stopping`, `Stopped`, `Completed` or `Deleting`.
             */
            status: string;
            /** @description Why, in words. */
            statusReason?: string | null;
            /** @description How far a change is while an older version serves; `None` when there is none. */
            updateStatus: string;
            updatedAt: string;
            updatedBy?: components["schemas"]["By"] | null;
            /**
             * Format: int32
             * @description The version that should run; grows with each change that needs new replicas.
             */
            version: number;
            /**
             * Format: int64
             * @description Grows with each change of someone. Sent along with a change, it refuses the change when it grew meanwhile.
             */
            wishRevision: number;
            workspaceId: string;
        };
        /** @description What runs, and how. */
        DeploymentSettings: {
            /** Format: int32 */
            cpuMillicores: number;
            /** @description `Service` or `Job`. */
            deploymentType: string;
            /** @description The commit. */
            gitReference: string;
            /** @description `Latest`, `Tag` or `Commit`: how it was chosen. */
            gitReferenceType: string;
            /** @description The tag, when one was chosen. */
            gitTag?: string | null;
            healthCheck: components["schemas"]["HealthCheck"];
            /**
             * Format: int32
             * @description How often a job's replica is started again after it ended in error.
             */
            jobRetries: number;
            /** Format: int32 */
            memoryInMb: number;
            publicAccess: boolean;
            /** Format: int32 */
            replicas: number;
            /** @description When a job runs: five fields of cron, in UTC. */
            schedule?: string | null;
            stateEnabled: boolean;
            /**
             * Format: int32
             * @description In GB.
             */
            stateSize?: number | null;
            urlPrefix?: string | null;
            useLatest: boolean;
            variables: {
                [key: string]: components["schemas"]["DeploymentVariable"];
            };
        };
        /** @description A variable's value. */
        DeploymentVariable: {
            description?: string | null;
            /** @description `InputTopic`, `OutputTopic`, `FreeText`, `HiddenText`, `Secret`, … */
            inputType?: string;
            required?: boolean;
            /** @description For topics the topic's name. */
            value?: string | null;
        };
        /** @description A version of a deployment. */
        DeploymentVersion: components["schemas"]["DeploymentSettings"] & {
            buildId?: string | null;
            /** @description What differs from the version before it. */
            changes: components["schemas"]["FieldChange"][];
            /** @description First line of the commit's message. */
            commitMessage?: string | null;
            createdAt: string;
            createdBy?: components["schemas"]["By"] | null;
            /** @description It is the one that should run. */
            current: boolean;
            /** @description `Pending`, `Healthy`, `BuildFailed` or `RolledBack`. */
            outcome: string;
            /** @description Why, in words. */
            outcomeReason?: string | null;
            /**
             * Format: int32
             * @description The version whose content it repeats.
             */
            rolledBackTo?: number | null;
            /** @description Its replicas serve. */
            serving: boolean;
            /** Format: int32 */
            version: number;
        };
        /** @description A refusal as clients read it. */
        Error: {
            /** @description A stable word for programs. */
            code: string;
            /** @description The same; older clients read this one. */
            correlationId: string;
            /** @description What to do about it. */
            hint?: string | null;
            /** @description What is wrong, for people. */
            message: string;
            /** @description Names the request in the platform's log. */
            requestId: string;
        };
        /** @description One thing that differs. Hidden values are masked. */
        FieldChange: {
            after?: string | null;
            before?: string | null;
            /** @description `memoryInMb`, `variables.input`, … */
            field: string;
        };
        /** @description A path of an application. */
        File: {
            id: string;
            /** @description `file`, `executable`, `link` or `folder`. */
            kind: string;
            path: string;
        };
        /** @description A file that differs. */
        FileChange: {
            /** @description `Added`, `Removed` or `Modified`. */
            change: string;
            /** @description From the repository's root. */
            path: string;
        };
        /**
         * @description How a reference is to be read.
         * @enum {string}
         */
        GitReferenceType: "Commit" | "Tag" | "Any" | "Latest";
        /** @description When a replica counts as well. */
        HealthCheck: {
            /** @description Of `Http`: what is asked for; `/` when not given. */
            path?: string | null;
            /**
             * Format: int32
             * @description Seconds that a replica has to get well, 5 to 3600; 60 when not given. An update that does not make it is rolled
             *     back.
             */
            timeoutSeconds?: number | null;
            type: components["schemas"]["HealthCheckType"];
        };
        /**
         * @description What is looked at: the process, its port, an answer of 2xx or 3xx, or that it has read from an input topic.
         * @enum {string}
         */
        HealthCheckType: "Process" | "Tcp" | "Http" | "Consumed";
        /** @description What keeps a replica from the platform and from others. */
        Isolation: {
            /** @description Landlock rules in force. */
            landlock: boolean;
            /** @description Own process and mount namespaces. */
            namespaces: boolean;
            /**
             * Format: int32
             * @description Own user id.
             */
            uid?: number | null;
        };
        /** @description What the kernel says that the present or last run is held to; null is not limited. */
        Limits: {
            /** Format: int32 */
            cpuMillicores?: number | null;
            /** @description `cgroup2`, `cgroup1`, `rlimit`, or `none` before the first run. */
            enforcedBy: string;
            /**
             * Format: int64
             * @description Of all processes of the replica together.
             */
            memoryBytes?: number | null;
            /** @description What is held less strictly than that, in words. */
            note?: string | null;
            /**
             * Format: int64
             * @description Of each process.
             */
            openFiles?: number | null;
            /**
             * Format: int64
             * @description Processes and threads.
             */
            processes?: number | null;
        };
        /** @description A line of a log. */
        LogEntry: {
            /**
             * Format: int32
             * @description Run of the replica.
             */
            attempt?: number | null;
            level?: components["schemas"]["LogLevel"] | null;
            /**
             * Format: int32
             * @description Number of the replica; none in a build log.
             */
            replica?: number | null;
            /** @description `out`, `err` or `platform`. */
            stream: string;
            text: string;
            /** @description RFC 3339, UTC. */
            time: string;
            /** Format: int32 */
            version?: number | null;
        };
        /** @description Lines of a time. */
        LogHistory: {
            entries: components["schemas"]["LogHistoryEntry"][];
            instanceId?: string | null;
            replicaId?: string | null;
        };
        LogHistoryEntry: {
            log: string;
            /**
             * Format: int64
             * @description Nanoseconds since 1970.
             */
            timestamp: number;
        };
        /**
         * @description How loud a line is.
         * @enum {string}
         */
        LogLevel: "error" | "warning" | "info" | "debug";
        /** @description A line that was found, and lines around it in the same run. */
        LogMatch: {
            after: components["schemas"]["LogEntry"][];
            before: components["schemas"]["LogEntry"][];
            entry: components["schemas"]["LogEntry"];
        };
        /** @description Lines that were found. */
        LogSearch: {
            /** @description Whether all was looked at that the call could look at; otherwise go on with `cursor`. */
            complete: boolean;
            /** @description Where to go on; nothing when there is no more. */
            cursor?: string | null;
            /** @description In the order that was asked for. */
            matches: components["schemas"]["LogMatch"][];
            /**
             * Format: int64
             * @description Bytes that were looked through.
             */
            scannedBytes: number;
        };
        /** @description The times of which a run's output is kept. */
        LogStats: {
            /**
             * Format: int64
             * @description Nanoseconds since 1970.
             */
            firstTimestamp: number;
            instanceId: string;
            /** Format: int64 */
            lastTimestamp: number;
            replicaId: string;
        };
        /** @description A figure over time. */
        MetricSeries: {
            /** @description The group that is behind. */
            group?: string | null;
            /**
             * Format: double
             * @description What the figure cannot exceed.
             */
            limit?: number | null;
            /**
             * @description `cpuMillicores`, `memoryBytes`, `restarts`, `runningReplicas`, `lag`; of topics `bytesInPerSecond`,
             *     `bytesOutPerSecond`, `recordsInPerSecond`, `recordsOutPerSecond`.
             */
            name: string;
            /** @description Of each step its begin in milliseconds since 1970 UTC, the least, the average and the greatest. Gaps have no points. */
            points: number[][];
            /**
             * Format: int32
             * @description Of which replica; null is the whole.
             */
            replica?: number | null;
            /** @description On which topic a group is behind. */
            topic?: string | null;
            /** @description `millicores`, `bytes`, `count`, `records`, `bytesPerSecond` or `recordsPerSecond`. */
            unit: string;
        };
        /** @description Series over the same time. */
        Metrics: {
            from: string;
            series: components["schemas"]["MetricSeries"][];
            /**
             * Format: int64
             * @description Seconds from one point to the next: 1 at the finest, and at least 60 when more than the last hour is asked for.
             */
            stepSeconds: number;
            to: string;
        };
        /** @description The caller as a person or a token. */
        Profile: {
            email?: string | null;
            firstName: string;
            lastName: string;
            organisationId: string;
            /** @description `Admin`, `Manager`, `Editor`, `Viewer` or `None`; nothing for a workspace's token. */
            role?: string | null;
            userId?: string | null;
        };
        /** @description A replica. */
        Replica: {
            /**
             * Format: int32
             * @description The present or last run, from 1.
             */
            attempt: number;
            /** Format: double */
            cpuMillicores?: number | null;
            /** Format: int32 */
            exitCode?: number | null;
            /** Format: int32 */
            index: number;
            isolation: components["schemas"]["Isolation"];
            limits: components["schemas"]["Limits"];
            /** Format: int64 */
            memoryBytes?: number | null;
            /** @description Whether the last run that ended ran out of memory. */
            outOfMemory: boolean;
            /** Format: int32 */
            pid?: number | null;
            /** Format: int32 */
            port: number;
            /** @description How the last run ended, in words. */
            reason?: string | null;
            replicaId: string;
            /** Format: int32 */
            restartCount: number;
            startedAt?: string | null;
            state?: components["schemas"]["StateUsage"] | null;
            /** @description `Starting`, `Running`, `Waiting`, `Stopping` or `Ended`. */
            status: string;
            /** Format: int32 */
            version: number;
        };
        /** @description Where a consumer group is to go on. */
        ResetOffsets: {
            /**
             * @description `"earliest"`, `"latest"`, `{"time": "2026-01-31T12:00:00Z"}`, or an offset for each partition that is to change:
             *     `{"0": 17}`.
             */
            to: Record<string, never>;
            /** @description A topic, by its name or full id. */
            topic: string;
        };
        RollBack: {
            /**
             * Format: int32
             * @description The version whose code, variables and limits are to run again.
             */
            version: number;
        };
        /** @description An update that the platform undid because its replicas did not get well. */
        Rollback: {
            at: string;
            /**
             * Format: int32
             * @description The version that did not get well.
             */
            from: number;
            reason: string;
            /**
             * Format: int32
             * @description The version that took its place.
             */
            to: number;
        };
        /** @description A run of a replica whose output is kept. */
        Run: {
            /** Format: int32 */
            attempt: number;
            /**
             * Format: int64
             * @description Bytes of output that are kept.
             */
            bytes: number;
            /** @description Whether it goes on. */
            currentRun: boolean;
            endTime?: string | null;
            /** Format: int32 */
            exitCode?: number | null;
            /** @description `{version}-{replica}-{attempt}`. */
            id: string;
            /** @description The same. */
            instanceId: string;
            logsDownloadUrl: string;
            logsStored: boolean;
            /** @description How it ended, in words. */
            reason?: string | null;
            /** Format: int32 */
            replica: number;
            /** @description `{deployment name as a slug}-{version}-{replica}`. */
            replicaId: string;
            /** @description RFC 3339, UTC. */
            startTime?: string | null;
            /** Format: int32 */
            version: number;
        };
        /** @description The session that a browser holds. */
        Session: {
            profile: components["schemas"]["Profile"];
        };
        SignIn: {
            /** @description The secret of a one-time link: what stands behind `#`. */
            link: string;
        };
        /** @description What a state folder holds. A replica whose folder holds more than the limit is ended. */
        StateUsage: {
            /** Format: int64 */
            limitBytes: number;
            /** Format: int64 */
            usedBytes: number;
        };
        /** @description A tag. */
        Tag: {
            name: string;
            /** @description The commit it leads to. */
            reference: string;
        };
        /** @description A token; its secret is shown once, when it is made. */
        Token: {
            createdAt: string;
            expiresAt?: string | null;
            /** @description `sdk` or `personal`. */
            kind: string;
            lastUsedAt?: string | null;
            name: string;
            role?: string | null;
            tokenId: string;
            workspaceId?: string | null;
        };
        /** @description What a token says about itself. */
        TokenDetails: {
            expiresAt?: string | null;
            name?: string | null;
            organisationId: string;
            role?: string | null;
            tokenId?: string | null;
            userId?: string | null;
            workspaceId?: string | null;
        };
        /** @description A topic. */
        Topic: {
            /**
             * Format: int64
             * @description Bytes on disk.
             */
            bytes: number;
            configuration: components["schemas"]["TopicConfiguration"];
            createdAt: string;
            external: boolean;
            /** @description The broker's name of the topic: `{workspaceId}-{name}`. */
            id: string;
            lastError?: string | null;
            /** @description The latest time stamp; null when it is empty. */
            lastRecordAt?: string | null;
            name: string;
            persisted: boolean;
            /**
             * Format: int64
             * @description Offsets from the first kept to the end, over all partitions: with compaction or transactions an estimate.
             */
            records: number;
            /** Format: int64 */
            revision: number;
            /** @description Made by user code or for a deployment's variable. */
            sdkTopic: boolean;
            /** @description `Creating`, `Ready`, `Deleting` or `Error`. */
            status: string;
            /** @description Found at the broker: made through Kafka. */
            unmanaged: boolean;
            updatedAt: string;
            workspaceId: string;
        };
        /** @description A topic's configuration; −1 is no limit. */
        TopicConfiguration: {
            /** @description `Delete`, `Compact` or `DeleteAndCompact`. */
            cleanupPolicy: string;
            /** Format: int32 */
            partitions: number;
            /** Format: int32 */
            replicationFactor: number;
            /** Format: int64 */
            retentionInBytes: number;
            /** Format: int64 */
            retentionInMinutes: number;
        };
        /** @description A topic's traffic. */
        TopicMetrics: {
            /** Format: double */
            bytesInPerSecond: number;
            /** Format: double */
            bytesOutPerSecond: number;
            name: string;
            /** Format: double */
            recordsInPerSecond: number;
            topicId: string;
            /** Format: double */
            valuesPersistedPerSecond: number;
        };
        /** @description A change to a topic: only what is sent changes. */
        UpdateTopic: {
            cleanupPolicy?: string | null;
            /**
             * Format: int32
             * @description Only more.
             */
            partitions?: number | null;
            /** Format: int64 */
            retentionInBytes?: number | null;
            /** Format: int64 */
            retentionInMinutes?: number | null;
            /**
             * Format: int64
             * @description The revision that the caller read; a newer one refuses the change.
             */
            revision?: number | null;
        };
        /** @description What differs between two versions. */
        VersionChanges: {
            changes: components["schemas"]["FieldChange"][];
            /** @description Files of the application. */
            files: components["schemas"]["FileChange"][];
        };
        /**
         * @description What a deployment should be. To create, what is not sent has the default named beside it; to change, only what is
         *     sent changes.
         */
        WantedDeployment: {
            /** @description What to run; needed to create. */
            applicationId?: string | null;
            /** @description Whether it should run. */
            autoStart?: boolean | null;
            /**
             * Format: int32
             * @description 1000.
             */
            cpuMillicores?: number | null;
            /** @description `Service` (the default) or `Job`. */
            deploymentType?: string | null;
            /** @description The other way round. */
            disabled?: boolean | null;
            /** @description A tag or commit; the head of the branch when not given. */
            gitReference?: string | null;
            gitReferenceType?: components["schemas"]["GitReferenceType"] | null;
            healthCheck?: components["schemas"]["HealthCheck"] | null;
            /**
             * Format: int32
             * @description How often a job's replica is started again after it ended in error, 0 to 20; 0.
             */
            jobRetries?: number | null;
            /**
             * Format: int32
             * @description 1024.
             */
            memoryInMb?: number | null;
            /** @description The application's name. */
            name?: string | null;
            /** @description No. */
            publicAccess?: boolean | null;
            /**
             * Format: int32
             * @description 1.
             */
            replicas?: number | null;
            /**
             * Format: int64
             * @description To change: the `wishRevision` that the caller read; a newer one refuses the change.
             */
            revision?: number | null;
            /** @description When a job runs: five fields of cron, in UTC. Once, at once. Null or an empty text means so again. */
            schedule?: string | null;
            /** @description No. */
            stateEnabled?: boolean | null;
            /**
             * Format: int32
             * @description In GB; 1.
             */
            stateSize?: number | null;
            /** @description Made of the name. */
            urlPrefix?: string | null;
            /** @description The head of the branch. */
            useLatest?: boolean | null;
            /** @description The defaults of `app.yaml`. A change replaces them all. */
            variables?: {
                [key: string]: components["schemas"]["DeploymentVariable"];
            } | null;
            /** @description Whose it is; needed to create. */
            workspaceId?: string | null;
        };
        /** @description A topic's configuration as it is asked for. */
        WantedTopicConfiguration: {
            /** @description `Delete`, `Compact` or `DeleteAndCompact`, in any case. */
            cleanupPolicy?: string | null;
            /** Format: int32 */
            partitions?: number | null;
            /** Format: int32 */
            replicationFactor?: number | null;
            /** Format: int64 */
            retentionInBytes?: number | null;
            /** Format: int64 */
            retentionInMinutes?: number | null;
        };
        /** @description A workspace. */
        Workspace: {
            branch: string;
            branchProtected: boolean;
            broker?: components["schemas"]["Broker"] | null;
            brokerSettings: components["schemas"]["BrokerSettings"];
            /** @description `SharedKafka`: the platform's own broker. */
            brokerType: string;
            createdAt: string;
            environmentName: string;
            name: string;
            organisationId: string;
            repositoryId: string;
            /** Format: int64 */
            revision: number;
            /** @description Always `Ready`. */
            status: string;
            /** Format: int32 */
            version: number;
            workspaceId: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
